import { afterEach, describe, expect, test, vi } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { RequestsUnderWay } from '../harness/requests-under-way.ts';
import { nextTurn } from '../unit/origin/stage.ts';

afterEach(() => {
  vi.useRealTimers();
});

const content = describedContent({ url: '/a', variant: '', user: '', generation: 1 }, 20_000);
const [half, rest] = [content.slice(0, 10_000), content.slice(10_000)];

/** A response of which half comes at once, and what ends it. */
const framings: readonly (readonly [framing: string, begin: (control: string) => string, end: string])[] = [
  [
    'with a length',
    (control) => `HTTP/1.1 200 OK\r\nCache-Control: ${control}\r\nContent-Length: ${content.length}\r\n\r\n${half}`,
    rest,
  ],
  [
    'in chunks',
    (control) =>
      `HTTP/1.1 200 OK\r\nCache-Control: ${control}\r\nTransfer-Encoding: chunked\r\n\r\n${half.length.toString(16)}\r\n${half}\r\n`,
    `${rest.length.toString(16)}\r\n${rest}\r\n0\r\n\r\n`,
  ],
];

/** A client that has some of the content. */
async function reading({ begin }: ProxyStage): Promise<RawClient> {
  const asking = begin('/a');
  await asking.until((received) => received.length > half.length);
  return asking;
}

overBothLanes(() => {
  onShelves(shelves, () => {
    describe.each(framings)('a response %s', (_, begin, end) => {
      test('is whole for 50 who stay when the one who caused it has left', async () => {
        const stage = await proxyStage(() => begin('max-age=600'));
        const underWay = new RequestsUnderWay();
        const leader = await reading(stage);
        const followers = await Promise.all(Array.from({ length: 50 }, () => reading(stage)));
        leader.socket.destroy();
        await underWay.ended(1);
        stage.origin.connections[0]?.send(end);
        await Promise.all(followers.map((each) => each.answered()));
        for (const { received } of followers)
          expect(readResponses(received, ['GET'], true).messages.map((each) => describedBy(each.content).url)).toEqual([
            '/a',
          ]);
        expect(stage.origin.seen.length).toBe(1);
      });

      test('that may be stored comes to its end for nobody, and is there for the next', async () => {
        const stage = await proxyStage(() => begin('max-age=600'));
        const underWay = new RequestsUnderWay();
        const leaving = await reading(stage);
        leaving.socket.destroy();
        await underWay.ended(1);
        stage.origin.connections[0]?.send(end);
        expect(describedBy((await stage.get('/a')).content).url).toBe('/a');
        expect(stage.origin.seen.length).toBe(1);
      });

      test('that may not is given up when all have left', async () => {
        const stage = await proxyStage(() => begin('no-store'));
        const underWay = new RequestsUnderWay();
        const leaving = await reading(stage);
        leaving.socket.destroy();
        await underWay.ended(1);
        await stage.origin.connections[0]?.closed;
        expect(stage.origin.seen.length).toBe(1);
      });
    });
  });

  test('what nobody reads has its time, however steadily it comes, and is not stored then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const begin = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 1000000\r\n\r\n';
    const stage = await proxyStage(() => begin + half, { limits: { unattendedFillMs: 20_000 } });
    const underWay = new RequestsUnderWay();
    const leaving = await reading(stage);
    leaving.socket.destroy();
    await underWay.ended(1);
    const [connection] = stage.origin.connections;
    let passed = 0;
    for (; connection?.socket.closed === false; passed += 500) {
      connection.send('x');
      vi.advanceTimersByTime(500);
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    }
    expect(passed).toBeGreaterThanOrEqual(20_000);
    expect(passed).toBeLessThanOrEqual(22_000);
    stage.origin.answer = () => 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood';
    expect((await stage.get('/a')).content).toBe('good');
  });
});
