import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { onShelves, overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { RequestsUnderWay } from '../harness/requests-under-way.ts';
import { nextTurn } from '../unit/origin/stage.ts';

/** Time that is waited for is moved by hand; sockets go on in real time. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterAll(() => {
  vi.useRealTimers();
});

const stepMs = 500;

/** Lets time pass in steps, and the event loop turn, until something is so; how long that took. */
async function passUntil(isSo: () => boolean, eachStep: () => void = () => undefined): Promise<number> {
  let passed = 0;
  for (; !isSo(); passed += stepMs) {
    eachStep();
    vi.advanceTimersByTime(stepMs);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }
  return passed;
}

async function waiting({ begin, origin }: ProxyStage, count: number): Promise<readonly RawClient[]> {
  const underWay = new RequestsUnderWay();
  const clients = Array.from({ length: count }, () => begin('/a'));
  await Promise.all([underWay.begun(count), origin.requests(1)]);
  return clients;
}

/** Nobody is waited for any more; time stands still. */
async function statusesOf(clients: readonly RawClient[]): Promise<readonly string[]> {
  await Promise.all(clients.map((each) => each.answered()));
  return [...new Set(clients.map(({ received }) => received.slice(9, 12)))];
}

const limits = { originHeadTimeoutMs: 10_000, originBodyIdleTimeoutMs: 10_000, followerTimeoutMs: 60_000 };
const start = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 10\r\n';
const good = responseWith('good', ['Cache-Control: max-age=600']);

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test.each([
      ['before its head', ''],
      ['inside its head', start],
    ])('%s: 500 who wait for it are answered together, by one request to it', async (_, bytes) => {
      const stage = await proxyStage(({ index }) => (index === 0 ? bytes : good), { limits });
      const clients = await waiting(stage, 500);
      const passed = await passUntil(() => clients.some(({ received }) => received !== ''));
      expect(passed).toBeGreaterThanOrEqual(limits.originHeadTimeoutMs);
      expect(passed).toBeLessThanOrEqual(limits.originHeadTimeoutMs + 2_000);
      expect(await statusesOf(clients)).toEqual(['504']);
      expect(stage.origin.seen.length).toBe(1);
      await stage.origin.connections[0]?.closed;
      expect((await stage.get('/a')).content).toBe('good');
    });

    test('inside its content: all have the same part, no end, and nothing is stored', async () => {
      const stage = await proxyStage(({ index }) => (index === 0 ? `${start}\r\nabc` : good), { limits });
      const clients = await waiting(stage, 50);
      await Promise.all(clients.map((each) => each.until((received) => received.endsWith('\r\n\r\nabc'))));
      await passUntil(() => clients.some(({ socket }) => socket.closed));
      expect(await statusesOf(clients)).toEqual(['200']);
      expect(clients.filter(({ received }) => readResponses(received, ['GET'], true).rest.endsWith('abc')).length).toBe(
        50,
      );
      await stage.origin.connections[0]?.closed;
      expect((await stage.get('/a')).content).toBe('good');
      expect(stage.origin.seen.length).toBe(2);
    });
  });

  test('a head that comes byte by byte has no more time than one that does not', async () => {
    const stage = await proxyStage(({ index }) => (index === 0 ? undefined : good), { limits });
    const [client] = await waiting(stage, 1);
    const [connection] = stage.origin.connections;
    let sent = 0;
    const drip = (): void => connection?.send(`${start}X: ${'y'.repeat(1_000)}`.charAt(sent++));
    const passed = await passUntil(() => client?.received !== '', drip);
    expect(passed).toBeLessThanOrEqual(limits.originHeadTimeoutMs + 2_000);
    expect(await statusesOf(client === undefined ? [] : [client])).toEqual(['504']);
    await connection?.closed;
  });

  test('those who asked for what is stored have it, inside its window; those who must not, have an error', async () => {
    const stage = await proxyStage(
      ({ values, target }) =>
        values('if-none-match').length > 0
          ? undefined
          : responseWith('stored', [
              `Cache-Control: max-age=10, stale-if-error=60${target === '/must' ? ', must-revalidate' : ''}`,
              'Age: 20',
              'ETag: "v1"',
            ]),
      { limits },
    );
    for (const target of ['/may', '/must']) expect((await stage.get(target)).content).toBe('stored');
    const clients = ['/may', '/must'].map((target) => stage.begin(target));
    await stage.origin.requests(4);
    await passUntil(() => clients.some(({ received }) => received !== ''));
    await statusesOf(clients);
    expect(clients.map(({ received }) => received.slice(9, 12))).toEqual(['200', '504']);
    expect(clients[0]?.received.endsWith('stored')).toBe(true);
  });
});
