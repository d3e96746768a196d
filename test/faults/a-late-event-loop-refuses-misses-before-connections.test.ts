import { expect, test } from 'vitest';
import { atEnd, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { readResponses } from '../harness/strict-messages.ts';

const boundMs = 20;
const asleep = new Int32Array(new SharedArrayBuffer(4));

/** Keeps the event loop of this process for twice what is allowed, in each of its turns, until it is stopped. */
function keepBusy(): () => void {
  let isBusy = true;
  const block = (): void => {
    Atomics.wait(asleep, 0, 0, 2 * boundMs);
    if (isBusy) setImmediate(block);
  };
  block();
  return () => {
    isBusy = false;
  };
}

/** One more GET on an open connection; resolves with the Cache-Status of its response. */
async function ask(client: RawClient, target: string, count: number): Promise<string> {
  client.send(`GET ${target} HTTP/1.1\r\nHost: shop.test\r\n\r\n`);
  const methods = Array.from({ length: count }, () => 'GET');
  await client.until((received) => readResponses(received, methods).messages.length === count);
  return new Map(readResponses(client.received, methods).messages.at(-1)?.fields).get('cache-status') ?? '';
}

/** Asks for what is nowhere until it is answered like that. */
async function missesUntil(client: RawClient, before: number, wanted: RegExp): Promise<number> {
  for (let count = before + 1; ; count++) if (wanted.test(await ask(client, `/miss/${count}`, count))) return count;
}

/** Resolves when Etagere says so to whoever operates it. */
function told(what: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const hear = ({ message }: Error): void => {
      if (!what.test(message)) return;
      process.off('warning', hear);
      resolve();
    };
    process.on('warning', hear);
    atEnd(() => process.off('warning', hear));
  });
}

overBothLanes(() => {
  test('hits on open connections are answered throughout, new ones wait, and all is let in when it is over', async () => {
    const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']), {
      limits: { overloadDelayMs: boundMs },
    });
    const open = stage.client();
    expect(await ask(open, '/hit', 1)).toContain('stored');
    const [missesRefused, connectionsHeld, over] = [
      told(/get a 503, new connections are let in/),
      told(/new connections wait/),
      told(/everything is let in again/),
    ];
    const stop = keepBusy();
    atEnd(stop);
    await missesRefused;
    const refused = await missesUntil(open, 1, /detail=overloaded/);
    await connectionsHeld;
    const asked = stage.origin.seen.length;
    const held = stage.client();
    held.send('GET /hit HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    for (let count = 1; count <= 10; count++) expect(await ask(open, '/hit', refused + count)).toContain('; hit');
    expect(await ask(open, '/new', refused + 11)).toBe('etagere; fwd=uri-miss; detail=overloaded');
    expect([held.received, stage.origin.seen.length]).toEqual(['', asked]);
    stop();
    await over;
    await held.until((received) => received.endsWith('stored'));
    expect(await ask(open, '/new', refused + 12)).toContain('stored');
  });
});
