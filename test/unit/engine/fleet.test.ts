import { describe, expect, it } from 'vitest';
import type { PurgeMode, Selection } from '../../../src/engine/operations.ts';
import { fieldsOf, withLine } from '../../../src/http/fields.ts';
import { lifetimeEnding } from '../../../src/policy/age.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { OpeningShelf } from '../../../src/store/opening-shelf.ts';
import { TieredStore } from '../../../src/store/tiered.ts';
import { backedShelf } from '../../store/backed-shelf.ts';
import { HeapBacking, HeapGround, type HeapOptions } from '../../store/heap-backing.ts';
import { stage } from './engine-stage.ts';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { type Play, pass, respond, statusOf, ways } from './purge-ways.ts';
import type { RecordingSink } from './recording-sink.ts';

const limits = { maxBytes: 2 ** 24, maxObjectBytes: 2 ** 20, maxVariants: 4 };

/** Long enough for whatever was begun on a heap that answers later. */
async function turns(): Promise<void> {
  for (let i = 0; i < 24; i++) await new Promise(setImmediate);
}

/** Upkeep by the hour is not what these are about. */
const schedule = () => () => undefined;

const claims = { claim: () => ({ kind: 'granted', release: () => {} }) as const };

/** Two engines, each with memory of its own over a shelf that both share. */
function fleet(options: HeapOptions, isOpening = false) {
  const ground = new HeapGround();
  const join = (instance: string): Play & { open: () => void } => {
    const memory = new MemoryStore({ ...limits, givenSerials: true });
    const lower = new OpeningShelf('disk');
    const play: Play = stage({}, () => {
      const clock = { steady: () => play.clock.steady(), wall: () => play.clock.wall(), schedule };
      return new TieredStore({ memory, lower, clock, lifetimeEnding, kind: 'disk' });
    });
    const open = (): void => {
      const clock = { steady: () => play.clock.steady(), wall: () => play.clock.wall(), schedule };
      const backing = new HeapBacking(ground, { ...options, instance });
      lower.open(backedShelf(backing, { clock, claims, ...limits, maxObjectBytes: 2 ** 23 }));
    };
    return Object.assign(play, { open });
  };
  const [one, two] = [join('one'), join('two')];
  one.open();
  if (!isOpening) two.open();
  return { one, two, ground };
}

async function asked(play: Play, change?: (exchange: Exchange) => Exchange): Promise<RecordingSink> {
  const sink = play.ask('/a/1', change);
  await turns();
  return sink;
}

const post = (exchange: Exchange): Exchange => ({ ...exchange, request: { ...exchange.request, method: 'POST' } });

async function stored(play: Play, cacheControl: string): Promise<void> {
  await asked(play);
  respond(play, ['cache-control', cacheControl]);
  await turns();
}

const inTheMiddle = (exchange: Exchange): Exchange => {
  const fields = withLine(exchange.request.fields, 'range', 'bytes=1000000-2999999');
  return { ...exchange, request: { ...exchange.request, fields } };
};

const selections: readonly Selection[] = [
  { kind: 'url', url: 'http://example.com/a/1' },
  { kind: 'prefix', prefix: 'http://example.com/a' },
  { kind: 'host', host: 'example.com' },
  { kind: 'tag', tag: 'red' },
  { kind: 'all' },
];

const modes: readonly PurgeMode[] = ['soft', 'hard'];

const shelves: readonly (readonly [string, HeapOptions])[] = [
  ['answers at once', {}],
  ['answers later', { isLater: true }],
];

describe.each(shelves)('two instances over a shelf that %s', (_, options) => {
  it('answer with what either of them has stored', async () => {
    const { one, two } = fleet(options);
    await stored(one, 'max-age=60');
    const sink = await asked(two);
    expect([sink.text, statusOf(sink), two.origin.arrivals.length]).toEqual(['old', 'etagere; hit; ttl=60', 0]);
  });

  it('answer with what was stored past memory, whole or a part of it', async () => {
    const { one, two } = fleet(options);
    const content = Buffer.from(Array.from({ length: 3 * 2 ** 20 + 5 }, (__, at) => at % 251));
    const first = await asked(one);
    const arrival = one.origin.arrivals.at(-1);
    arrival?.head({ status: 200, fields: fieldsOf(one.date, ['cache-control', 'max-age=60'], ['etag', '"1"']) });
    for (let at = 0; at < content.length; at += 100_000) arrival?.write(content.subarray(at, at + 100_000));
    arrival?.end();
    await turns();
    const sinks = [first, await asked(two), await asked(two, inTheMiddle)];
    for (let i = 0; i < 8; i++) await turns();
    const [streamed, whole, part] = sinks.map(({ chunks }) => Buffer.concat(chunks));
    expect([streamed?.equals(content), whole?.equals(content)]).toEqual([true, true]);
    expect(part?.equals(content.subarray(1_000_000, 3_000_000))).toBe(true);
    expect([sinks.map(({ ended }) => ended), two.origin.arrivals.length]).toEqual([[true, true, true], 0]);
  });

  it('answer with what either of them has freshened', async () => {
    const { one, two } = fleet(options);
    await stored(one, 'max-age=1');
    await asked(two);
    for (const play of [one, two]) await pass(play, 5_000);
    const validating = await asked(one);
    one.origin.arrivals.at(-1)?.head({
      status: 304,
      fields: fieldsOf(one.date, ['etag', '"1"'], ['cache-control', 'max-age=60']),
    });
    one.origin.arrivals.at(-1)?.end();
    await turns();
    expect(validating.text).toBe('old');
    const asks = two.origin.arrivals.length;
    expect(statusOf(await asked(two))).toContain('hit');
    expect(two.origin.arrivals.length).toBe(asks);
  });

  it.each(selections.flatMap((selection) => modes.map((mode) => [mode, selection.kind, selection] as const)))(
    'heed a %s purge by %s of the other, and of both that is said',
    async (mode, __, selection) => {
      const { one, two } = fleet(options);
      await stored(one, 'max-age=60');
      expect(statusOf(await asked(two))).toContain('hit');
      const receipt = await one.engine.operations.purge(selection, mode);
      expect([receipt.matched, receipt.acknowledged.map(({ instance }) => instance)]).toEqual([
        1,
        ['etagere-1', 'two'],
      ]);
      await asked(two);
      await asked(one);
      expect([one, two].map(({ origin }) => origin.arrivals.length)).toEqual([2, 1]);
    },
  );

  it('heed an invalidation by the other, and that of a group', async () => {
    const { one, two } = fleet(options);
    await stored(one, 'max-age=60');
    await asked(two);
    one.ask('/other', post);
    await turns();
    one.origin.arrivals.at(-1)?.head({
      status: 200,
      fields: withLine(fieldsOf(one.date), 'cache-group-invalidation', '"g"'),
    });
    await turns();
    await asked(two);
    expect(two.origin.arrivals).toHaveLength(1);
    respond(two, ['cache-control', 'max-age=60']);
    await turns();
    expect(statusOf(await asked(two))).toContain('hit');
    await asked(one, post);
    one.origin.arrivals.at(-1)?.head({ status: 200, fields: fieldsOf(one.date) });
    await turns();
    await asked(two);
    expect(two.origin.arrivals).toHaveLength(2);
  });

  it('keep nothing that one has asked for before its shelf was open, and the other has changed by then', async () => {
    const { one, two } = fleet(options, true);
    await asked(two);
    await asked(one, post);
    one.origin.arrivals.at(-1)?.head({ status: 200, fields: fieldsOf(one.date) });
    one.origin.arrivals.at(-1)?.end();
    await turns();
    two.open();
    await turns();
    respond(two, ['cache-control', 'max-age=60']);
    await turns();
    for (const play of [two, one]) expect(statusOf(await asked(play)) ?? '').not.toContain('hit');
    expect([one, two].map(({ origin }) => origin.arrivals.length)).toEqual([2, 2]);
  });

  describe.each(ways)('$name at one of them', ({ before, steps }) => {
    const cases = selections.flatMap((selection) =>
      modes.flatMap((mode) => steps.map((__, step) => ({ what: selection.kind, selection, mode, step }))),
    );

    it.each(cases)(
      'during a $mode purge by $what at the other, after step $step: what was asked for before is used at neither after it',
      async ({ selection, mode, step }) => {
        const { one, two } = fleet(options);
        await before(one, turns);
        let known = 0;
        for (const [index, act] of steps.entries()) {
          act(one);
          await turns();
          if (index !== step) continue;
          known = one.origin.arrivals.length;
          void two.engine.operations.purge(selection, mode);
        }
        for (const arrival of one.origin.arrivals) arrival.end();
        await turns();
        const sinks = [await asked(one), await asked(two)];
        expect(one.origin.arrivals.length).toBeGreaterThan(known);
        for (const sink of sinks) expect(statusOf(sink) ?? '').not.toContain('hit');
      },
    );
  });
});
