import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import { collect } from '../harness/garbage.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { weightOfHead } from '../../src/store/inflated.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Shelved } from '../../src/store/store.ts';
import { put, responseTo, textOf, textsAt } from './shelved.ts';

const roomy = { maxBytes: 2 ** 20, maxObjectBytes: 15_000, maxVariants: 8 };

function at(store: MemoryStore, path: string): Shelved {
  const [shelved] = store.lookup(responseTo(path).key);
  if (shelved === undefined) throw new Error(`${path} is not there`);
  return shelved;
}

describe('a response that is looked up often', () => {
  it('is the same object from the second time on, and keeps what a listener has made ready', async () => {
    const store = new MemoryStore(roomy);
    await put(store, responseTo('/a'), 'one');
    const once = at(store, '/a');
    const twice = at(store, '/a');
    twice.ready = 'made ready';
    expect(once).not.toBe(twice);
    expect(at(store, '/a')).toBe(twice);
    expect(at(store, '/a').ready).toBe('made ready');
  });

  it('counts as objects beside its bytes, and no more when it has left', async () => {
    const store = new MemoryStore(roomy);
    await put(store, responseTo('/a'), 'one');
    const { bytesUsed } = store.stats();
    at(store, '/a');
    expect(store.stats().bytesUsed).toBe(bytesUsed);
    at(store, '/a');
    expect(store.stats().bytesUsed).toBeGreaterThan(bytesUsed + weightOfHead(responseTo('/a')));
    store.invalidate(responseTo('/a').key);
    expect(store.stats().bytesUsed).toBe(0);
  });

  it.each<[string, (store: MemoryStore, stored: StoredResponse) => unknown]>([
    ['freshened', (store, stored) => store.freshen(stored, { ...stored, responseTime: 1 })],
    ['removed', (store, stored) => store.remove(stored)],
    ['replaced', (store, stored) => put(store, stored, 'two')],
    ['invalidated', (store, stored) => store.invalidate(stored.key)],
  ])('loses what was made ready when it is %s', async (_what, change) => {
    const store = new MemoryStore(roomy);
    await put(store, responseTo('/a'), 'one');
    at(store, '/a');
    const shelved = at(store, '/a');
    shelved.ready = 'made ready';
    await change(store, shelved.stored);
    expect(shelved.ready).toBeUndefined();
    expect(store.lookup(shelved.stored.key)[0]?.ready).toBeUndefined();
  });

  it('makes way as an object for others that are looked up more often, unless it is looked up again and again', async () => {
    const store = new MemoryStore(roomy);
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    for (const path of ['/hot', '/cold', ...paths]) await put(store, responseTo(path), 'x'.repeat(50));
    for (const path of ['/hot', '/cold']) at(store, path);
    const [hot, cold] = [at(store, '/hot'), at(store, '/cold')];
    cold.ready = 'made ready';
    for (const path of paths) for (let i = 0; i < 3; i++) expect([at(store, path), at(store, '/hot')][1]).toBe(hot);
    expect(cold.ready).toBeUndefined();
    expect(at(store, '/cold')).not.toBe(cold);
    expect(await textsAt(store, responseTo('/cold'))).toEqual(['x'.repeat(50)]);
    // An eighth of the limit, beside what is on the shelf as bytes.
    expect(store.stats().bytesUsed).toBeLessThan(2 ** 17 + 102 * 600);
    expect(store.stats()).toMatchObject({ responses: 102, evictions: 0 });
  });

  it('stays as an object where there is no room for more, however many others are looked up as often', async () => {
    const store = new MemoryStore(roomy);
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    for (const path of ['/first', ...paths]) await put(store, responseTo(path), 'x'.repeat(50));
    for (let i = 0; i < 2; i++) at(store, '/first');
    const first = at(store, '/first');
    const twice = paths.map((path) => [at(store, path), at(store, path)][1]);
    expect(at(store, '/first')).toBe(first);
    expect(at(store, '/99')).not.toBe(twice[99]);
  });

  it.each<[string, (store: MemoryStore) => unknown]>([
    [
      'listing',
      (store) => store.page({ cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true }),
    ],
    ['looking on', (store) => store.peek(responseTo('/a').key)],
  ])('is none for %s, which does not make it used either', async (_what, look) => {
    const store = new MemoryStore(roomy);
    for (const path of ['/a', '/b']) await put(store, responseTo(path), 'one');
    const { bytesUsed } = store.stats();
    for (let i = 0; i < 5; i++) await look(store);
    expect(store.stats().bytesUsed).toBe(bytesUsed);
    expect(at(store, '/a')).not.toBe(at(store, '/a'));
    store.lookup(responseTo('/b').key);
    for (let i = 0; i < 5; i++) await look(store);
    store.reserve(roomy.maxBytes - store.stats().bytesUsed + 1);
    expect([store.stats().evictions, await textsAt(store, responseTo('/a'))]).toEqual([1, []]);
  });

  it('is held by nothing when it has left, though there was always room for more', async () => {
    const store = new MemoryStore(roomy);
    const left: WeakRef<Shelved>[] = [];
    for (let version = 0; version < 100; version++) {
      for (const path of ['/a', '/b', '/c']) {
        await put(store, responseTo(path), 'one');
        for (let i = 0; i < 2; i++) at(store, path);
        left.push(new WeakRef(at(store, path)));
      }
    }
    await turn();
    collect();
    expect(left.filter((shelved) => shelved.deref() !== undefined).length).toBeLessThan(10);
  });

  it('makes way for what is stored when there is room for nothing else', async () => {
    const store = new MemoryStore(roomy);
    await put(store, responseTo('/a'), 'one');
    for (let i = 0; i < 2; i++) at(store, '/a');
    expect(store.reserve(2 ** 20)).toBe(true);
    expect(store.stats()).toMatchObject({ responses: 0, bytesUsed: 2 ** 20 });
  });
});

describe('of many variants', () => {
  it('only those that a request selects become objects when it looks them up', async () => {
    const store = new MemoryStore(roomy);
    const languages = ['de', 'en', 'fr', 'it'];
    for (const language of languages) await put(store, responseTo('/a', language), language);
    const { bytesUsed } = store.stats();
    const { key } = responseTo('/a');
    const asked = presentedFields(fieldsOf(['accept-language', 'fr']));
    for (let i = 0; i < 2; i++) expect(store.lookup(key, asked).map(textOf)).toEqual(['fr']);
    const afterOne = store.stats().bytesUsed - bytesUsed;
    expect(afterOne).toBeGreaterThan(0);
    for (let i = 0; i < 2; i++) expect(store.lookup(key)).toHaveLength(languages.length);
    expect(store.stats().bytesUsed - bytesUsed).toBe(languages.length * afterOne);
  });
});
