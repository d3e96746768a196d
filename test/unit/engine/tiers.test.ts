import { describe, expect, it } from 'vitest';
import type { PurgeMode, Selection } from '../../../src/engine/operations.ts';
import { withLine } from '../../../src/http/fields.ts';
import { cacheKey } from '../../../src/key/cache-key.ts';
import { lifetimeEnding } from '../../../src/policy/age.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { TieredStore } from '../../../src/store/tiered.ts';
import { LowerDouble } from '../../store/lower-double.ts';
import { turnstile } from '../../store/turnstile.ts';
import { stage } from './engine-stage.ts';
import { head, type Play, statusOf, ways } from './purge-ways.ts';

const url = 'http://example.com/a/1';
const key = cacheKey({ scheme: 'http', authority: 'example.com', target: '/a/1' });
const turn = (): Promise<void> => new Promise(setImmediate);

const limits = { maxBytes: 2 ** 24, maxObjectBytes: 2 ** 18, maxVariants: 4 };

/** An engine over memory and a shelf beneath it, which answers at once or takes its time. */
function tiers(takesTime: boolean) {
  const lower = new LowerDouble({ ...limits, maxObjectBytes: 2 ** 22 });
  if (takesTime) lower.pace = Promise.resolve();
  const memory = new MemoryStore({ ...limits, givenSerials: true });
  const play: Play = stage({}, () => {
    const clock = { steady: () => play.clock.steady(), wall: () => play.clock.wall() };
    return new TieredStore({ memory, lower, kind: 'disk', clock, lifetimeEnding });
  });
  return { play, memory, lower };
}

interface Case {
  readonly what: string;
  readonly give: (play: Play, lower: LowerDouble) => unknown;
}

const selections: readonly Selection[] = [{ kind: 'url', url }, { kind: 'tag', tag: 'red' }, { kind: 'all' }];

const purgeOf = (selection: Selection, mode: PurgeMode): Case => ({
  what: `a ${mode} purge of ${selection.kind}`,
  give: ({ engine }) => void engine.operations.purge(selection, mode),
});

const orders: readonly Case[] = [
  ...selections.map((selection) => purgeOf(selection, 'soft')),
  ...selections.map((selection) => purgeOf(selection, 'hard')),
  {
    what: 'a purge elsewhere',
    give: (_, lower) => {
      const selection = { kind: 'targets', keys: [key] } as const;
      void lower.memory.purge({ selection, before: Number.MAX_SAFE_INTEGER });
      lower.tell({ kind: 'purge', selection });
    },
  },
  {
    what: 'an invalidation elsewhere',
    give: (_, lower) => {
      lower.memory.invalidate(key);
      lower.tell({ kind: 'invalidate', key });
    },
  },
];

/** Answers the latest request at the origin with that content. */
const respond = async ({ play }: { play: Play }, content: Buffer, ...lines: (readonly [string, string])[]) => {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head(head(play, ['cache-control', 'max-age=60'], ...lines));
  arrival?.write(content);
  arrival?.end();
  await turn();
};

describe.each([
  ['at once', false],
  ['in its time', true],
] as const)('over a shelf that answers %s', (_, takesTime) => {
  describe.each(ways)('$name', ({ before, steps }) => {
    const cases = orders.flatMap((order) => steps.map((__, step) => ({ ...order, step })));

    it.each(cases)(
      'with $what after step $step: what the origin was asked for before it is not used after it',
      async (made) => {
        const { play, lower } = tiers(takesTime);
        await before(play, turn);
        let asked = 0;
        for (const [index, act] of steps.entries()) {
          act(play);
          // In the midst of what that has begun, and of the purge itself.
          if (index === made.step) {
            asked = play.origin.arrivals.length;
            made.give(play, lower);
          }
          await turn();
        }
        for (const arrival of play.origin.arrivals) arrival.end();
        await turn();
        const sink = play.ask('/a/1');
        await turn();
        expect(play.origin.arrivals.length).toBeGreaterThan(asked);
        // A request that was looking still asks after it, and what that brings counts.
        const isOfAfter = takesTime && made.step === 0;
        expect(isOfAfter || !(statusOf(sink) ?? '').includes('hit')).toBe(true);
        for (const record of play.records) expect(record.end).toBe('complete');
      },
    );
  });

  it('is stored there past memory, and read from there in pieces, and again by a part of it', async () => {
    const made = tiers(takesTime);
    const { play, memory, lower } = made;
    lower.largeFrom = 2 ** 16;
    const content = Buffer.from(Array.from({ length: 2 ** 19 }, (__, at) => at % 251));
    const first = play.ask('/a/1');
    await turn();
    await respond(made, content);
    expect([first.received, memory.stats().responses, lower.memory.stats().responses]).toEqual([2 ** 19, 0, 1]);
    const whole = play.ask('/a/1');
    const part = play.ask('/a/1', (exchange) => ({
      ...exchange,
      request: { ...exchange.request, fields: withLine(exchange.request.fields, 'range', 'bytes=70000-299999') },
    }));
    for (let i = 0; i < 40; i++) await turn();
    expect(Buffer.concat(whole.chunks).equals(content)).toBe(true);
    expect(Buffer.concat(part.chunks).equals(content.subarray(70_000, 300_000))).toBe(true);
    expect([statusOf(whole), part.heads[0]?.status, play.origin.arrivals.length]).toEqual([
      'etagere; hit; ttl=60',
      206,
      1,
    ]);
  });

  it.each([
    ['kept in memory', Number.POSITIVE_INFINITY, 4],
    ['stored past memory', 2 ** 16, 2 ** 19],
  ])(
    'asks the origin once of what is %s, also between its last byte and the shelf',
    async (_where, largeFrom, bytes) => {
      const { play, lower } = tiers(takesTime);
      lower.largeFrom = largeFrom;
      const { opened, open } = turnstile();
      play.ask('/a/1');
      await turn();
      const [arrival] = play.origin.arrivals;
      const length = ['content-length', String(bytes)] as const;
      arrival?.head(head(play, ['cache-control', 'max-age=60'], length));
      for (let sent = 0; sent < bytes; sent += 2 ** 16) arrival?.write(Buffer.alloc(Math.min(bytes, 2 ** 16)));
      // From here on nothing is found or changed beneath before it is let.
      lower.pace = opened;
      lower.changePace = opened;
      arrival?.end();
      const atOnce = play.ask('/a/1');
      await turn();
      const later = play.ask('/a/1');
      await turn();
      open();
      for (let i = 0; i < 40; i++) await turn();
      expect(play.origin.arrivals.length).toBe(1);
      for (const sink of [atOnce, later])
        expect([statusOf(sink), sink.received]).toEqual(['etagere; hit; ttl=60', bytes]);
    },
  );

  it('answers after memory has lost it', async () => {
    const made = tiers(takesTime);
    const { play, memory } = made;
    play.ask('/a/1');
    await turn();
    await respond(made, Buffer.from('text'));
    memory.invalidate(key);
    const sink = play.ask('/a/1');
    await turn();
    expect([sink.text, play.origin.arrivals.length]).toEqual(['text', 1]);
    expect(play.ask('/a/1').text).toBe('text');
  });
});

describe('after an unsafe request was answered', () => {
  it('nobody is answered with what lies beneath, also while it is read which groups that is in', async () => {
    const made = tiers(true);
    const { play, memory, lower } = made;
    play.ask('/a/1');
    await turn();
    await respond(made, Buffer.from('old'));
    memory.invalidate(key);
    const { opened, open } = turnstile();
    lower.pace = opened;
    play.ask('/a/1', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'POST' } }));
    await turn();
    await respond(made, Buffer.from('done'));
    // Whoever asks now does not wait for what was being read before it.
    lower.tell({ kind: 'invalidate-group', group: key });
    const sink = play.ask('/a/1');
    await turn();
    open();
    await turn();
    expect(sink.text).not.toBe('old');
    expect(play.origin.arrivals.length).toBe(3);
    await respond(made, Buffer.from('new'));
    expect(sink.text).toBe('new');
  });
});
