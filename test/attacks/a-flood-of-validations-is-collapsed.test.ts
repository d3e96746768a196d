import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { RequestsUnderWay } from '../harness/requests-under-way.ts';

const notModified = 'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n';
const stored = responseWith('stored', ['Cache-Control: max-age=600', 'ETag: "v1"']);

/** RFC 9111 §5.2.1, §5.4, §4.2.1: what a client can say to have what is fresh validated. */
const wishes = [
  'Cache-Control: no-cache',
  'Cache-Control: max-age=0',
  'Cache-Control: min-fresh=601',
  'Pragma: no-cache',
];

/** Ages and lifetimes stand still unless they are moved. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

overBothLanes(() => {
  /** RFC 9111 §5.2.1.4: each is to be validated, by an answer to a request that was not made before it. */
  test('of a hundred who ask for it at once', async () => {
    const stage = await proxyStage(() => stored, { limits: { requestedValidations: 0 } });
    await stage.get('/a');
    stage.origin.answer = () => undefined;
    const underWay = new RequestsUnderWay();
    const clients = Array.from({ length: 100 }, () => stage.begin('/a', ['Cache-Control: no-cache']));
    await Promise.all([underWay.begun(100), stage.origin.requests(2)]);
    stage.origin.answer = () => notModified;
    stage.origin.connections[0]?.send(notModified);
    await Promise.all(clients.map((each) => each.answered()));
    expect(clients.filter(({ received }) => received.endsWith('\r\n\r\nstored')).length).toBe(100);
    // Those who came after the first validation was asked for are answered by one more.
    expect(stage.origin.seen.length).toBeLessThanOrEqual(3);
    expect(stage.origin.faults()).toEqual([]);
  });

  onShelves(shelves, () => {
    test('and one after the other, of those who ask for what is fresh only so many in a second', async () => {
      const stage = await proxyStage(({ index }) => (index === 0 ? stored : notModified), {
        limits: { requestedValidations: 5 },
      });
      await stage.get('/a');
      for (let second = 1; second <= 3; second++) {
        for (let times = 0; times < 20; times++) {
          const answer = await stage.get('/a', [wishes[times % wishes.length] ?? '']);
          expect([answer.status, answer.content]).toEqual([200, 'stored']);
        }
        // In Redis one may be answered by what another has just asked for.
        expect(stage.origin.seen.length).toBeGreaterThan(second);
        expect(stage.origin.seen.length).toBeLessThanOrEqual(1 + 5 * second);
        vi.advanceTimersByTime(1_000);
      }
    });

    test('but what is stale, or never to be used unvalidated, is validated each time', async () => {
      const stage = await proxyStage(
        ({ target, values }) =>
          values('if-none-match').length > 0
            ? 'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nAge: 20\r\n\r\n'
            : responseWith('stored', [
                `Cache-Control: max-age=10${target === '/no-cache' ? ', no-cache' : ''}`,
                'ETag: "v1"',
                'Age: 20',
              ]),
        { limits: { requestedValidations: 1 } },
      );
      for (const target of ['/stale', '/no-cache']) {
        const before = stage.origin.seen.length;
        for (let times = 0; times < 6; times++) await stage.get(target, ['Cache-Control: no-cache']);
        expect(stage.origin.seen.length - before).toBe(6);
      }
    });
  });
});
