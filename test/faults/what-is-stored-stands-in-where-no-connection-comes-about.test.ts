import dns from 'node:dns';
import net, { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { atEnd, onShelves, overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { recordingOrigin, type RecordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { nextTurn } from '../unit/origin/stage.ts';

/** Time that is waited for is moved by hand; sockets go on in real time. Undici has one timer for all, from its first use on. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterAll(() => {
  vi.useRealTimers();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const originName = 'origin.test';
const connectTimeoutMs = 2_000;

type Resolve = (error: NodeJS.ErrnoException | null, addresses: readonly dns.LookupAddress[]) => void;

/** What becomes of the name of the origin from now on. */
function resolveBy(answer: (done: Resolve) => void): void {
  vi.restoreAllMocks();
  const others = dns.lookup;
  const lookup = (name: string, options: dns.LookupAllOptions, done: Resolve): void => {
    if (name === originName) answer(done);
    else others(name, options, done);
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
}

const isHere = (done: Resolve): void => done(null, [{ address: '127.0.0.1', family: 4 }]);
const failsWith =
  (code: string) =>
  (done: Resolve): void =>
    done(Object.assign(new Error(code), { code }), []);

/** How it is that no connection comes about, what is said where nothing stands in, and the time that has to pass for it. */
const failures: readonly (readonly [failure: string, fail: () => void, status: number, takesMs: number])[] = [
  ['whose name is unknown', () => resolveBy(failsWith('ENOTFOUND')), 502, 0],
  ['whose name nobody can be asked for', () => resolveBy(failsWith('EAI_AGAIN')), 502, 0],
  ['whose name is asked for without an answer', () => resolveBy(() => undefined), 504, connectTimeoutMs],
  [
    'that does not answer to a connection',
    () => {
      resolveBy(isHere);
      vi.spyOn(net, 'connect').mockImplementation(() => new Socket());
    },
    504,
    connectTimeoutMs,
  ],
];

/** Each target with its age, its Cache-Control, and whether it may stand in. */
const targets: readonly (readonly [target: string, age: number, control: string, standsIn: boolean])[] = [
  ['/within', 20, 'max-age=10, stale-if-error=60', true],
  ['/beyond', 100, 'max-age=10, stale-if-error=60', false],
  ['/must', 20, 'max-age=10, stale-if-error=60, must-revalidate', false],
  ['/no-cache', 0, 'max-age=10, stale-if-error=60, no-cache', false],
];

/** An Etagere that knows its origin by name; no connection is kept. */
async function namedStage(): Promise<ProxyStage & { readonly named: RecordingOrigin }> {
  const named = await recordingOrigin(({ target }) => {
    const [, age, control] = targets.find(([each]) => each === target) ?? [];
    return responseWith('stored', [`Cache-Control: ${control}`, `Age: ${age}`, 'ETag: "v1"', 'Connection: close']);
  });
  atEnd(() => named.close());
  const origin = `http://${originName}:${named.port}`;
  const limits = { originConnectTimeoutMs: connectTimeoutMs };
  return { ...(await proxyStage(() => undefined, { origin, limits })), named };
}

/** Lets time pass until all is done; how long that took, in milliseconds. */
async function passUntil(isDone: () => boolean): Promise<number> {
  let passed = 0;
  for (; !isDone(); passed += 100) {
    vi.advanceTimersByTime(100);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }
  return passed;
}

overBothLanes(() => {
  onShelves(['memory', 'disk'], (shelf) => {
    describe.each(failures)('an origin %s', (_, fail, failureStatus, takesMs) => {
      test('is stood in for within the window alone, and no later than a connection may take', async () => {
        resolveBy(isHere);
        const stage = await namedStage();
        for (const [target] of targets) expect((await stage.get(target)).content).toBe('stored');
        const later = shelf === 'memory' ? stage : await stage.restarted();
        await Promise.all(stage.named.connections.map(({ closed }) => closed));
        fail();
        const answers: { readonly target: string; readonly status: number; readonly content: string }[] = [];
        const asking = targets.map(async ([target]) => {
          const { status, content } = await later.get(target);
          answers.push({ target, status, content: content === 'stored' ? content : '' });
        });
        const passed = await passUntil(() => answers.length === targets.length);
        await Promise.all(asking);
        // Undici looks at its timers about twice a second.
        expect(passed).toBeGreaterThanOrEqual(takesMs);
        expect(passed).toBeLessThanOrEqual(takesMs + 1_000);
        for (const [target, , , standsIn] of targets) {
          const failed = target === '/beyond' ? [failureStatus] : [failureStatus, 504];
          const answer = answers.find((each) => each.target === target);
          expect([target, answer?.content]).toEqual([target, standsIn ? 'stored' : '']);
          expect(answer?.status).toBeOneOf(standsIn ? [200] : failed);
        }
        expect(stage.named.seen.length).toBe(targets.length);
      });
    });
  });
});
