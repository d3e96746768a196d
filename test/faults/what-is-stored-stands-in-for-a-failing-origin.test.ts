import { describe, expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

/** How an origin fails that is asked whether what is stored is still good, and what is said where nothing stands in. */
const failures: readonly (readonly [
  failure: string,
  fail: (request: SeenRequest) => string | undefined,
  status: number,
])[] = [
  ['closes the connection', ({ connection }) => void connection.socket.end(), 502],
  ['resets the connection', ({ connection }) => void connection.socket.resetAndDestroy(), 502],
  ['breaks off inside its head', ({ connection }) => void connection.socket.end('HTTP/1.1 304 Not'), 502],
  ['sends rubbish', () => 'rubbish\r\n\r\n', 502],
  ['sends a 304 that is framed twice', () => 'HTTP/1.1 304 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 502],
  ['says 500', () => responseWith('broken', [], '500 Internal Server Error'), 500],
  ['says 502', () => responseWith('broken', [], '502 Bad Gateway'), 502],
  ['says 503', () => responseWith('broken', [], '503 Service Unavailable'), 503],
  ['says 504', () => responseWith('broken', [], '504 Gateway Timeout'), 504],
];

/** RFC 5861 §4, RFC 9111 §4.2.4, §5.2.2: stale by ten seconds, where nothing else is said. */
const stands: readonly (readonly [control: string, age: number])[] = [
  ['max-age=10, stale-if-error=60', 20],
  ['public, max-age=10, stale-if-error=60', 69],
];
const falls: readonly (readonly [control: string, age: number])[] = [
  ['max-age=10, stale-if-error=60', 100],
  ['max-age=10', 20],
  ['max-age=10, stale-if-error=60, must-revalidate', 20],
  ['max-age=10, stale-if-error=60, proxy-revalidate', 20],
  ['max-age=10, s-maxage=10, stale-if-error=60', 20],
  ['max-age=10, stale-if-error=60, no-cache', 20],
  ['max-age=600, no-cache', 0],
  ['max-age=10, stale-if-error=0', 20],
  ['max-age=10, stale-if-error=-60', 20],
];

async function stageWith(
  control: string,
  age: number,
  fail: (request: SeenRequest) => string | undefined,
): Promise<ProxyStage> {
  const stored = responseWith('stored', [`Cache-Control: ${control}`, `Age: ${age}`, 'ETag: "v1"']);
  return proxyStage((request) => (request.index === 0 ? stored : fail(request)));
}

/** The origin is well again: that it was asked, each time, and has its say. */
async function expectAskedAnew({ origin, get }: ProxyStage): Promise<void> {
  const before = origin.seen.length;
  origin.answer = () => responseWith('new', ['Cache-Control: no-store']);
  expect((await get('/a')).content).toBe('new');
  expect(origin.seen.length).toBe(before + 1);
  expect(origin.seen.at(-1)?.values('if-none-match')).toEqual(['"v1"']);
}

overBothLanes(() => {
  describe.each(failures)('an origin that %s', (_, fail) => {
    test.each(stands)(
      'is stood in for by what says %s at the age of %i, and that is as stale as before',
      async (control, age) => {
        const stage = await stageWith(control, age, fail);
        await stage.get('/a');
        for (let times = 0; times < 3; times++) {
          const answer = await stage.get('/a');
          expect([answer.status, answer.content, Number(answer.field('age')) >= age]).toEqual([200, 'stored', true]);
        }
        expect(stage.origin.seen.length).toBeGreaterThanOrEqual(4);
        await expectAskedAnew(stage);
      },
    );
  });

  describe.each(failures.filter(([failure]) => /^(closes|says 503)/.test(failure)))(
    'an origin that %s',
    (_, fail, status) => {
      test.each(falls)('is not stood in for by what says %s at the age of %i', async (control, age) => {
        const stage = await stageWith(control, age, fail);
        await stage.get('/a');
        const answer = await stage.get('/a');
        // RFC 9111 §5.2.2.2: 504 where validation is what was missing.
        expect(answer.status).toBeOneOf([status, 504]);
        expect(answer.content).not.toBe('stored');
        await expectAskedAnew(stage);
      });
    },
  );

  onShelves(shelves, (shelf) => {
    test('an origin that is not there is stood in for within the window, and not beyond it', async () => {
      const ages = new Map([
        ['/within', 20],
        ['/beyond', 100],
      ]);
      const stage = await proxyStage(({ target }) =>
        responseWith('stored', [
          'Cache-Control: max-age=10, stale-if-error=60',
          `Age: ${ages.get(target)}`,
          `ETag: "${target}"`,
        ]),
      );
      for (const target of ages.keys()) expect((await stage.get(target)).content).toBe('stored');
      const later = shelf === 'memory' ? stage : await stage.restarted();
      await stage.origin.close();
      for (let times = 0; times < 20; times++) {
        const answers = await Promise.all([...ages.keys()].map((target) => later.get(target)));
        expect(answers.map(({ status }) => status)).toEqual([200, 502]);
        expect(answers[0]?.content).toBe('stored');
      }
    });
  });
});
