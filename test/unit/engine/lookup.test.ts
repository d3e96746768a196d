import { afterEach, expect, it, vi } from 'vitest';
import { Generations } from '../../../src/engine/invalidate.ts';
import { Lookup } from '../../../src/engine/lookup.ts';
import { noFields } from '../../../src/http/fields.ts';
import { type CacheKey, cacheKey } from '../../../src/key/cache-key.ts';
import { presentedFields } from '../../../src/policy/presented.ts';
import type { StoredResponse } from '../../../src/policy/stored.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { responseTo } from '../../store/shelved.ts';

const keyOf = (target: string): CacheKey => cacheKey({ scheme: 'http', authority: 'shop.test', target });

function lookupOn(adapt = (store: MemoryStore): object => store): Lookup {
  const store = new MemoryStore({ maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 });
  return new Lookup({ store: Object.assign(store, adapt(store)), generations: new Generations(10), maxSearchKeys: 10 });
}

const unhandled = vi.fn<() => void>();

afterEach(() => {
  process.off('unhandledRejection', unhandled);
});

it('leaves the trouble of a store that tells later to those who wait for it', async () => {
  process.on('unhandledRejection', unhandled);
  const lookup = lookupOn(() => ({ lookup: () => Promise.reject(new Error('no shelf')) }));
  expect(lookup.atOnce(keyOf('/a'), presentedFields(noFields))).toBeUndefined();
  await new Promise(setImmediate);
  expect(unhandled).not.toHaveBeenCalled();
});

const search = {
  variation: { mode: 'params', names: new Set(['u']), keyOrderMatters: true },
  significant: '["/a"]',
} as const;
const equivalent = (target: string, language?: string): StoredResponse => ({ ...responseTo(target, language), search });

it('remembers an equivalent target no longer where that of another has taken its place', () => {
  const lookup = lookupOn();
  lookup.remember(equivalent('/a?u=1'));
  lookup.remember(equivalent('/a?u=2'), equivalent('/a?u=1'));
  lookup.remember(equivalent('/a?u=2'), equivalent('/a?u=2'));
  expect(lookup.knownEquivalents(keyOf('/a'))).toEqual([keyOf('/a?u=2')]);
});

it('remembers it where other variants may lie under its key', () => {
  const lookup = lookupOn();
  lookup.remember(equivalent('/a?u=1', 'de'));
  lookup.remember(equivalent('/a?u=2', 'de'), equivalent('/a?u=1', 'de'));
  expect(lookup.knownEquivalents(keyOf('/a'))).toEqual([keyOf('/a?u=1'), keyOf('/a?u=2')]);
});
