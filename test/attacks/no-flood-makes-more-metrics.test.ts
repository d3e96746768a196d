import { expect, test } from 'vitest';
import { overBothLanes, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const canary = 'canary';

/** Requests whose method, host, path, query and fields are no other's. Every eighth method is one that the parser knows. */
function flood(from: number, count: number): { readonly bytes: string; readonly methods: readonly string[] } {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  const methods = numbers.map((n) => ['GET', 'HEAD', 'POST', 'DELETE', 'REPORT', 'OPTIONS', 'PUT', 'GET'][n % 8] ?? '');
  const bytes = numbers.map((n, index) => {
    const target = `/${canary}-${n}/${n % 900}?${canary}=${n}`;
    const lines = [`User-Agent: ${canary}-${n}`, `X-${canary}-${n}: ${n}`, 'Content-Length: 0'];
    const end = index === count - 1 ? ['Connection: close'] : [];
    return [`${methods[index]} ${target} HTTP/1.1`, `Host: ${canary}-${n}.test`, ...lines, ...end, '', ''].join('\r\n');
  });
  return { bytes: bytes.join(''), methods };
}

async function sent({ exchange }: ProxyStage, from: number, count: number): Promise<void> {
  const { bytes, methods } = flood(from, count);
  const { messages, fault } = readResponses(await exchange(bytes), methods, true);
  expect([messages.length, fault]).toEqual([count, undefined]);
}

overBothLanes(() => {
  test('whatever clients ask for and origins answer, series are few, and tell nothing of it', async () => {
    const stage = await proxyStage(
      ({ target }) => {
        const number = Number(/\/(\d+)\?/.exec(target)?.[1]);
        return responseWith(
          number % 2 === 0 ? '' : 'content',
          ['Cache-Control: max-age=60'],
          `${200 + number} Whatever`,
        );
      },
      { admin: 0 },
    );
    const admin = await stage.etagere.listenAdmin();
    const scraped = async (): Promise<readonly string[]> => {
      const text = await (await fetch(`${admin}/metrics`)).text();
      return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    };
    // All reasons that there are, once.
    for (let n = 0; n < 10; n++) await sent(stage, n * 100, 100);
    const before = await scraped();
    for (let n = 10; n < 30; n++) await sent(stage, n * 100, 100);
    await stage.exchange(`M${canary} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    const after = await scraped();
    expect(after.length).toBeGreaterThan(100);
    expect(after.length).toBeLessThanOrEqual(500);
    expect(after.length - before.length).toBeLessThanOrEqual(2);
    expect(after.filter((line) => line.includes(canary))).toEqual([]);
  });
});
