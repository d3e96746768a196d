import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FigureLedger, mergedFigures } from '../../../src/workers/figure-ledger.ts';
import { Link } from '../../../src/workers/link.ts';
import type { Figures } from '../../../src/workers/messages.ts';
import { Crew, type CrewMember } from './crew.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function figures(requests: number): Figures {
  const series = { at: 0, requests, lookups: 0, hits: 0, bytes: 0, errors: 0 };
  const row = { url: 'http://a/', requests, hits: 0, misses: 0, bytes: 0, lastDetail: '' };
  return {
    metrics: [
      { name: 'c_total', type: 'counter', help: 'Requests.', samples: [{ value: requests }] },
      { name: 'g', type: 'gauge', help: 'Open.', samples: [{ value: 1 }] },
    ],
    snapshot: {
      since: 0,
      uptimeSeconds: 0,
      requests,
      hits: 0,
      collapsed: 0,
      misses: 0,
      refused: 0,
      errors: 0,
      hitRatio: 0,
      byteHitRatio: 0,
      bytesSent: 0,
      bytesFromShelf: 0,
      byReason: {},
      series: [series],
      memory: { responses: 0, bytesUsed: 0, bytesLimit: 0, evictions: 0, variantEvictions: 0, unprovenEvictions: 0 },
      originActive: 0,
      originQueued: 0,
      origins: [],
    },
    top: { requests: [row], bytes: [], misses: [] },
  };
}

/** A worker that has counted so many requests, and answers when it is asked. */
function counting(crew: Crew, requests: () => number): CrewMember & { readonly link: Link } {
  const member = crew.join();
  const link = new Link(member.channel);
  void link.answers('figures', () => member.channel.send({ kind: 'figures', figures: figures(requests()) }));
  return { ...member, link };
}

async function requestsOf(link: Link): Promise<number | undefined> {
  const gathered = link.gather();
  await vi.advanceTimersByTimeAsync(500);
  const { figures: all = [] } = (await gathered) ?? {};
  return mergedFigures(all).snapshot.requests;
}

it('what one worker is asked for is what all have counted', async () => {
  const crew = new Crew();
  const { link } = counting(crew, () => 3);
  counting(crew, () => 4);
  await vi.advanceTimersByTimeAsync(0);
  expect(await requestsOf(link)).toBe(7);
});

it('counts of a worker that died are kept, and its gauges are not', async () => {
  const crew = new Crew();
  const { link } = counting(crew, () => 3);
  const second = counting(crew, () => 4);
  await vi.advanceTimersByTimeAsync(0);
  expect(await requestsOf(link)).toBe(7);
  second.leave('died');
  counting(crew, () => 1);
  await vi.advanceTimersByTimeAsync(0);
  expect(await requestsOf(link)).toBe(8);
  const gathered = await link.gather();
  expect(mergedFigures(gathered?.figures ?? []).metrics.map(({ samples }) => samples[0]?.value)).toEqual([8, 2]);
  expect(gathered?.deaths).toBe(1);
});

it('counts of a worker that does not answer are the last that were heard, and it is named', async () => {
  const crew = new Crew();
  const { link } = counting(crew, () => 3);
  const silent = crew.join();
  void silent.channel.send({ kind: 'takes', of: 'figures' });
  void silent.channel.send({ kind: 'figures', figures: figures(9) });
  await vi.advanceTimersByTimeAsync(0);
  const gathered = link.gather();
  await vi.advanceTimersByTimeAsync(500);
  const { answered, figures: all = [] } = (await gathered) ?? {};
  expect(answered).toEqual([
    { instance: 'worker 1', ms: 0, counted: { requests: 3, uptimeSeconds: 0 } },
    { instance: 'worker 2', ms: undefined, counted: { requests: 9, uptimeSeconds: 0 } },
  ]);
  expect(mergedFigures(all).snapshot.requests).toBe(12);
});

it('of a worker that has told nothing so far nothing is told', async () => {
  const crew = new Crew();
  const { link } = counting(crew, () => 3);
  void crew.join().channel.send({ kind: 'takes', of: 'figures' });
  await vi.advanceTimersByTimeAsync(0);
  const gathered = link.gather();
  await vi.advanceTimersByTimeAsync(500);
  expect((await gathered)?.answered[1]).toEqual({ instance: 'worker 2', ms: undefined, counted: undefined });
});

it('those of several that have gone are one', async () => {
  const crew = new Crew();
  for (const requests of [1, 2, 3]) {
    const worker = counting(crew, () => requests);
    await vi.advanceTimersByTimeAsync(0);
    await requestsOf(worker.link);
    worker.leave('asked to');
  }
  expect(crew.ledger.all).toHaveLength(1);
  expect(mergedFigures(crew.ledger.all)).toMatchObject({
    snapshot: { requests: 6 },
    top: { requests: [{ requests: 6 }] },
  });
  expect(crew.ledger.deaths).toBe(0);
});

it('lines of the log that the primary process has lost are told with what all have counted', async () => {
  let lost = 0;
  const crew = new Crew(() => 0, new FigureLedger(() => lost));
  const { link } = counting(crew, () => 3);
  await vi.advanceTimersByTimeAsync(0);
  lost = 7;
  expect(await link.gather()).toMatchObject({ lostLogLines: 7 });
});
