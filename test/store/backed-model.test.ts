import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheKey, groupKey, queryKey, targetKey } from '../../src/key/cache-key.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
import { backedShelf } from './backed-shelf.ts';
import { HeapBacking, HeapGround, type HeapOptions } from './heap-backing.ts';
import { put, responseTo, textRead } from './shelved.ts';

const keyOf = (target: string): CacheKey => responseTo(target).key;

/** All responses that there may be; by their places in this list the model names them. */
const kinds: readonly StoredResponse[] = [
  { ...responseTo('/a'), tags: ['red'] },
  { ...responseTo('/a', 'de'), tags: ['red', 'blue'] },
  { ...responseTo('/b'), groups: ['g'] },
  { ...responseTo('/b/c'), tags: ['blue'] },
  { ...responseTo('/b'), key: queryKey(keyOf('/b'), 'digest') },
  {
    ...responseTo('/d?u=1'),
    search: { variation: { mode: 'params', names: new Set(['u']), keyOrderMatters: true }, significant: '["/d"]' },
  },
];

/** For each order the responses that it is about, said by hand. */
const selections: readonly (readonly [StoreSelection, readonly number[]])[] = [
  [{ kind: 'targets', keys: [keyOf('/a')] }, [0, 1]],
  [{ kind: 'targets', keys: [keyOf('/b'), keyOf('/d?u=7')] }, [2, 4, 5]],
  [{ kind: 'targets', keys: [keyOf('/d?x=1')] }, []],
  [{ kind: 'beginning', prefixes: [keyOf('/b')] }, [2, 3, 4]],
  [{ kind: 'tag', tag: 'red' }, [0, 1]],
  [{ kind: 'tag', tag: 'blue' }, [1, 3]],
  [{ kind: 'tag', tag: 'g' }, [2]],
  [{ kind: 'all' }, [0, 1, 2, 3, 4, 5]],
];

type Step =
  | { readonly kind: 'put' | 'freshen' | 'remove' | 'invalidate' | 'look'; readonly which: number }
  | { readonly kind: 'purge'; readonly which: number; readonly isSoft: boolean }
  | { readonly kind: 'invalidate-group' };

/** Which of two shelves takes the step. */
const anyStep: fc.Arbitrary<readonly [shelf: number, step: Step]> = fc.tuple(
  fc.nat(1),
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('put' as const, 'put' as const, 'freshen' as const, 'remove' as const, 'look' as const),
      which: fc.nat(kinds.length - 1),
    }),
    fc.record({ kind: fc.constant('invalidate' as const), which: fc.nat(kinds.length - 1) }),
    fc.record({
      kind: fc.constant('purge' as const),
      which: fc.nat(selections.length - 1),
      isSoft: fc.boolean(),
    }),
    fc.constant({ kind: 'invalidate-group' as const }),
  ),
);

/** What is there according to what was done: text, and whether its lifetime has ended. */
type Model = Map<number, { readonly text: string; readonly isEnded: boolean }>;

class Pair {
  readonly model: Model = new Map();
  readonly ground = new HeapGround();
  readonly shelves: readonly BackedShelf[];
  #texts = 0;

  constructor(options: HeapOptions) {
    this.shelves = [0, 1].map(() => backedShelf(new HeapBacking(this.ground, options)));
  }

  async take(shelf: BackedShelf, step: Step): Promise<void> {
    if (step.kind === 'purge') {
      const [selection, about] = selections[step.which] ?? [{ kind: 'all' }, []];
      await shelf.purge({ selection, before: 0, ...(step.isSoft ? { expire: () => 7, expiredAt: 7_000 } : {}) });
      for (const which of about) this.#end(which, step.isSoft);
      return;
    }
    if (step.kind === 'invalidate-group') {
      void shelf.invalidateGroup(groupKey(keyOf('/b'), 'g'));
      // Until the order is kept.
      await shelf.invalidate(keyOf('/never'));
      this.#end(2, false);
      return;
    }
    const stored = kinds[step.which] ?? responseTo('/never');
    if (step.kind === 'put') await this.#put(shelf, step.which, stored);
    else if (step.kind === 'invalidate') await this.#invalidate(shelf, stored);
    else if (step.kind !== 'look') await this.#change(shelf, step.which, step.kind);
  }

  /** What a shelf finds of each that there may be. */
  async found(shelf: BackedShelf): Promise<Model> {
    const found: Model = new Map();
    for (const [which, stored] of kinds.entries()) {
      const lookedUp = await shelf.lookup(stored.key);
      const shelved = lookedUp.find((each) => each.stored.variant === stored.variant);
      if (shelved === undefined) continue;
      found.set(which, { text: (await textRead(shelved)) ?? '', isEnded: shelved.stored.ended === 'purged' });
    }
    return found;
  }

  async #put(shelf: BackedShelf, which: number, stored: StoredResponse): Promise<void> {
    const text = `${which}: ${this.#texts++}`;
    // As the engine does before it asks the origin.
    await shelf.lookup(stored.key);
    if (await put(shelf, stored, text)) this.model.set(which, { text, isEnded: false });
  }

  /** All that lie under the target, with the responses that it shares with others. */
  async #invalidate(shelf: BackedShelf, { key }: StoredResponse): Promise<void> {
    await shelf.invalidate(targetKey(key));
    for (const [which, stored] of kinds.entries())
      if (targetKey(stored.key) === targetKey(key)) this.#end(which, false);
  }

  async #change(shelf: BackedShelf, which: number, what: 'freshen' | 'remove'): Promise<void> {
    const stored = kinds[which];
    const lookedUp = await shelf.lookup(stored?.key ?? keyOf('/never'));
    const shelved = lookedUp.find((each) => each.stored.variant === stored?.variant);
    if (shelved === undefined) return;
    const before = this.model.get(which);
    if (what === 'remove') {
      await shelf.remove(shelved.stored);
      this.model.delete(which);
      return;
    }
    await shelf.freshen(shelved.stored, { ...shelved.stored, freshness: responseTo('/').freshness, ended: undefined });
    if (before !== undefined) this.model.set(which, { ...before, isEnded: false });
  }

  #end(which: number, isSoft: boolean): void {
    const there = this.model.get(which);
    if (!isSoft || there === undefined) this.model.delete(which);
    else this.model.set(which, { ...there, isEnded: true });
  }
}

const flavours: readonly (readonly [string, HeapOptions])[] = [
  ['at once', {}],
  ['later', { isLater: true }],
  ['at once, and hears of nothing', { hears: false }],
  ['later, and hears of nothing', { isLater: true, hears: false }],
];

const unswept = ['later, and is not swept', { isLater: true, hears: false, isSwept: false }] as const;

describe('two shelves', () => {
  it.each([...flavours, unswept])(
    'have what was stored, and nothing that was purged, over what answers %s',
    async (_what, options) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 40 }), async (steps) => {
          const pair = new Pair(options);
          for (const [index, step] of steps) {
            const shelf = pair.shelves[index] ?? backedShelf(new HeapBacking(pair.ground));
            await pair.take(shelf, step);
          }
          for (const shelf of pair.shelves) expect(await pair.found(shelf)).toEqual(pair.model);
          // So it is for one that comes later.
          const last = backedShelf(new HeapBacking(pair.ground, options));
          expect(await pair.found(last)).toEqual(pair.model);
          await Promise.all([...pair.shelves, last].map((shelf) => shelf.close()));
        }),
        { numRuns: 50 },
      );
    },
  );

  it.each(flavours)(
    'give whole responses of the right key, whatever both do at a time, over what answers %s',
    async (_what, options) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), async (steps) => {
          const pair = new Pair(options);
          await Promise.all(
            steps.map(async ([index, step]) => {
              const shelf = pair.shelves[index] ?? backedShelf(new HeapBacking(pair.ground));
              await pair.take(shelf, step);
              for (const [which, { text }] of await pair.found(shelf)) expect(text).toMatch(new RegExp(`^${which}: `));
            }),
          );
          await pair.shelves[0]?.purge({ selection: { kind: 'all' }, before: 0 });
          for (const shelf of pair.shelves) expect(await pair.found(shelf)).toEqual(new Map());
          expect(pair.ground.records).toEqual([]);
          await Promise.all(pair.shelves.map((shelf) => shelf.close()));
        }),
        { numRuns: 30 },
      );
    },
  );
});
