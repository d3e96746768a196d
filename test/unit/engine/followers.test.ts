import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue, withLine } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

const url = 'http://example.com/a';
const lasting = ['cache-control', 'max-age=60'] as const;
const strong = ['etag', '"1"'] as const;

type Play = ReturnType<typeof stage>;
type Line = readonly [string, string];

const statusOf = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? fieldsOf(), 'cache-status');

const pass = (play: Play, ms: number): Promise<void> => play.clock.advance(ms, () => Promise.resolve());

const noCache = (exchange: Exchange): Exchange => {
  const fields = withLine(exchange.request.fields, 'cache-control', 'no-cache');
  return { ...exchange, request: { ...exchange.request, fields } };
};

function crowd(play: Play, size: number): RecordingSink[] {
  return Array.from({ length: size }, () => play.ask('/a'));
}

/** Answers the latest request at the origin. */
function answer(play: Play, status: number, ...lines: readonly Line[]): void {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head({ status, fields: fieldsOf(play.date, ...lines) });
  if (status === 200) arrival?.write(Buffer.from('new'));
  arrival?.end();
}

/** Of how many answers each status is. */
function statuses(sinks: readonly RecordingSink[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { heads } of sinks) {
    const status = heads.at(-1)?.status ?? 0;
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

async function storedAndStale(): Promise<Play> {
  const play = stage();
  play.ask('/a');
  answer(play, 200, ['cache-control', 'max-age=1'], strong);
  await pass(play, 5_000);
  return play;
}

describe('those who wait for an answer that is 429 or an error of the origin', () => {
  it('do not all ask again: after three of them, the rest is told, and what is stored stays', async () => {
    const play = await storedAndStale();
    const sinks = crowd(play, 50);
    for (let round = 0; round < 3; round++) answer(play, 429, ['retry-after', '60']);
    expect(play.origin.arrivals).toHaveLength(4);
    expect(statuses(sinks)).toEqual({ 429: 3, 503: 47 });
    const told = play.records.filter(({ error }) => error === 'ORIGIN_FAILING');
    expect(told).toHaveLength(47);
    for (const { cacheStatus } of told)
      expect(cacheStatus).toEqual({ hit: false, fwd: 'stale', collapsed: true, detail: 'origin-failing' });
    play.ask('/a');
    answer(play, 304, lasting, strong);
    expect(statusOf(play.ask('/a'))).toContain('hit');
  });

  it('have the answer of the next one, where that is of use to them', async () => {
    const play = await storedAndStale();
    const sinks = crowd(play, 50);
    answer(play, 429);
    answer(play, 200, lasting);
    expect(play.origin.arrivals).toHaveLength(3);
    expect(statuses(sinks)).toEqual({ 200: 49, 429: 1 });
  });

  it.each([500, 502, 503, 504])(
    'wait for the next requests as well: %i says nothing of what those will bring',
    (status) => {
      const play = stage();
      const sinks = crowd(play, 10);
      for (let round = 0; round < 3; round++) answer(play, status);
      expect([play.origin.arrivals.length, sinks.every(({ ended }) => ended)]).toEqual([3, true]);
      crowd(play, 10);
      expect(play.origin.arrivals).toHaveLength(4);
    },
  );
});

describe.each([400, 408, 428, 429, 431])('%i, which is about the request alone', (status) => {
  it('leaves what is stored to others', () => {
    const play = stage();
    play.ask('/a');
    answer(play, 200, lasting, strong);
    expect(play.ask('/a', noCache).heads).toHaveLength(0);
    answer(play, status);
    expect(statusOf(play.ask('/a'))).toBe('etagere; hit; ttl=60');
  });

  it('has those who waited ask once for all of them', () => {
    const play = stage();
    const sinks = crowd(play, 10);
    answer(play, status);
    answer(play, 200, lasting);
    expect(play.origin.arrivals).toHaveLength(2);
    expect(statuses(sinks)).toEqual({ 200: 9, [status]: 1 });
  });

  it('has those who come later wait for one another', () => {
    const play = stage();
    crowd(play, 2);
    for (let round = 0; round < 2; round++) answer(play, status);
    crowd(play, 10);
    expect(play.origin.arrivals).toHaveLength(3);
  });
});

describe('those who wait for what is purged on its way', () => {
  it('share the next request, however often that happens', async () => {
    const play = stage();
    const sinks = crowd(play, 50);
    for (let round = 0; round < 4; round++) {
      await play.engine.operations.purge({ kind: 'url', url }, 'soft');
      answer(play, 200, lasting);
    }
    expect(play.origin.arrivals).toHaveLength(5);
    answer(play, 200, lasting);
    expect(statuses(sinks)).toEqual({ 200: 50 });
    expect(play.origin.arrivals).toHaveLength(5);
  });

  it('have waited since they came', async () => {
    const play = stage({ followerTimeoutMs: 5_000 });
    crowd(play, 3);
    await pass(play, 4_000);
    await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    answer(play, 200, lasting);
    expect(play.origin.arrivals).toHaveLength(2);
    await pass(play, 1_000);
    expect(play.origin.arrivals).toHaveLength(3);
  });

  it('are found however many such requests are under way', async () => {
    const play = stage({ maxVariants: 4 });
    for (let round = 0; round < 10; round++) {
      play.ask('/a');
      await play.engine.operations.purge({ kind: 'url', url }, 'soft');
    }
    crowd(play, 20);
    expect(play.origin.arrivals).toHaveLength(11);
  });
});
