import { expect, it } from 'vitest';
import { type CacheKey, queryKey } from '../../src/key/cache-key.ts';
import type { Store, StoreSelection } from '../../src/store/store.ts';
import { put, responseTo, textOf, textsAt } from './shelved.ts';

/** A fill that began now belongs to this generation, and what `responseTo` makes to an older one. */
const before = 1;

/** Another lifetime than anything has here. */
const inSeven = (): number => 7;

const urlsOf = (targets: readonly string[]): string[] => targets.map((target) => responseTo(target).key);

/** What an operator may ask of any store: to purge, and to say what would be purged. */
export function purges(store: () => Store): void {
  const fill = async (): Promise<void> => {
    await put(store(), { ...responseTo('/a/1'), tags: ['red'] }, 'a1');
    await put(store(), { ...responseTo('/a/2', 'de'), tags: ['red', 'blue'] }, 'a2');
    await put(store(), { ...responseTo('/a/2', 'fr'), groups: ['blue'] }, 'a2fr');
    await put(store(), responseTo('/b'), 'b');
    const question = { ...responseTo('/b'), key: queryKey(responseTo('/b').key, 'digest') };
    await put(store(), question, 'asked');
  };
  const all = ['/a/1', '/a/2', '/b'];
  const there = async (): Promise<string[]> =>
    (await Promise.all(all.map((url) => textsAt(store(), responseTo(url))))).flat();

  const selections: readonly (readonly [string, StoreSelection, number, string[]])[] = [
    ['a target with its variants', { kind: 'targets', keys: urlsOf(['/a/2']) as CacheKey[] }, 2, ['a1', 'b']],
    [
      'a target with the queries to it',
      { kind: 'targets', keys: urlsOf(['/b']) as CacheKey[] },
      2,
      ['a1', 'a2', 'a2fr'],
    ],
    [
      'a target that is not there',
      { kind: 'targets', keys: urlsOf(['/a']) as CacheKey[] },
      0,
      ['a1', 'a2', 'a2fr', 'b'],
    ],
    ['what begins alike', { kind: 'beginning', prefixes: urlsOf(['/a/']) }, 3, ['b']],
    ['a tag', { kind: 'tag', tag: 'red' }, 2, ['a2fr', 'b']],
    ['a tag and a group of that name', { kind: 'tag', tag: 'blue' }, 2, ['a1', 'b']],
    ['everything', { kind: 'all' }, 5, []],
  ];

  it.each(selections)('purges %s, and counts it', async (_what, selection, matched, left) => {
    await fill();
    expect((await store().count(selection)).matched).toBe(matched);
    expect(await there()).toEqual(['a1', 'a2', 'a2fr', 'b']);
    expect(await store().purge({ selection, before })).toBe(matched);
    expect((await there()).sort()).toEqual([...left].sort());
    expect((await store().count(selection)).matched).toBe(0);
  });

  it('has purged when the call returns, whatever is still to be done', async () => {
    await fill();
    const done = store().purge({ selection: { kind: 'all' }, before });
    expect(await there()).toEqual([]);
    await done;
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });

  it('counts what is looked up, confirmed or gone before it comes by', async () => {
    await fill();
    const done = store().purge({ selection: { kind: 'all' }, before, expire: inSeven });
    const [first] = await store().lookup(responseTo('/a/1').key);
    const stored = first?.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, ended: undefined, generation: before });
    await store().lookup(responseTo('/b').key);
    await store().invalidate(responseTo('/b').key);
    await store().lookup(responseTo('/a/2').key);
    expect(await done).toBe(5);
    expect((await store().lookup(stored.key))[0]?.stored.ended).toBeUndefined();
  });

  it('lists and counts nothing as it was, when a purge has begun', async () => {
    await fill();
    const everything = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
    const soft = store().purge({ selection: { kind: 'tag', tag: 'red' }, before, expire: inSeven });
    const page = await store().page(everything);
    expect(page.found.filter(({ shelved }) => shelved.stored.ended === 'purged')).toHaveLength(2);
    await soft;
    const hard = store().purge({ selection: { kind: 'all' }, before });
    expect((await store().count({ kind: 'all' })).matched).toBe(0);
    expect((await store().page(everything)).found).toEqual([]);
    expect(await hard).toBe(5);
  });

  it('does one after the other what several have begun, each for what the others have left', async () => {
    await fill();
    const begun = ['blue', 'red'].map((tag) => store().purge({ selection: { kind: 'tag', tag }, before }));
    expect(await Promise.all(begun)).toEqual([2, 1]);
    expect(await there()).toEqual(['b']);
  });

  it('leaves what a later fill has brought', async () => {
    await fill();
    await put(store(), { ...responseTo('/a/1'), generation: before, tags: ['red'] }, 'new');
    expect(await store().purge({ selection: { kind: 'tag', tag: 'red' }, before })).toBe(1);
    expect(await textsAt(store(), responseTo('/a/1'))).toEqual(['new']);
  });

  it('gives what is to expire another lifetime, and keeps it', async () => {
    await fill();
    const [seen] = await store().lookup(responseTo('/a/1').key);
    expect(
      await store().purge({ selection: { kind: 'beginning', prefixes: urlsOf(['/a/1']) }, before, expire: inSeven }),
    ).toBe(1);
    const [shelved] = await store().lookup(responseTo('/a/1').key);
    expect(shelved?.stored).toEqual({
      ...seen?.stored,
      freshness: { lifetime: 7, source: 'max-age' },
      ended: 'purged',
    });
    expect(shelved === undefined ? undefined : textOf(shelved)).toBe('a1');
    expect((await store().lookup(responseTo('/b').key))[0]?.stored.freshness.lifetime).toBe(60);
  });

  it('no longer finds by its tags what has left, and finds by its new ones what was freshened', async () => {
    await fill();
    const [shelved] = await store().lookup(responseTo('/a/1').key);
    const stored = shelved?.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, tags: ['green'] });
    expect((await store().count({ kind: 'tag', tag: 'green' })).matched).toBe(1);
    expect((await store().count({ kind: 'tag', tag: 'red' })).matched).toBe(1);
    await store().invalidate(stored.key);
    expect((await store().count({ kind: 'tag', tag: 'green' })).matched).toBe(0);
  });
}

/** And what it holds. */
export function lists(store: () => Store): void {
  it('lists all that is there, page by page, each once', async () => {
    const targets = Array.from({ length: 7 }, (_, i) => `/${i}`);
    for (const target of targets) await put(store(), responseTo(target), target);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store().page({
        cursor,
        limit: 3,
        selection: { kind: 'all' },
        matches: (key) => !key.endsWith('/4'),
      });
      expect(page.found.length).toBeLessThanOrEqual(3);
      found.push(...page.found.map(({ shelved }) => textOf(shelved)));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.sort()).toEqual(targets.filter((target) => target !== '/4'));
  });

  it('names each as before when it was confirmed, and nothing else by that name when it has left', async () => {
    for (const language of ['de', 'fr', 'it']) await put(store(), responseTo('/a', language), language);
    const list = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
    const named = (await store().page(list)).found.find(({ shelved }) => textOf(shelved) === 'fr');
    const stored = named?.shelved.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, tags: ['confirmed'], responseTime: 5_000 });
    const purge = { selection: { kind: 'one', id: named?.id ?? '' }, before } as const;
    expect(await store().purge(purge)).toBe(1);
    expect(await textsAt(store(), stored)).toEqual(['de', 'it']);
    await put(store(), responseTo('/a', 'es'), 'es');
    expect(await store().purge(purge)).toBe(0);
    expect(await textsAt(store(), stored)).toEqual(['de', 'it', 'es']);
  });

  it('names each so that it alone can be purged', async () => {
    await put(store(), responseTo('/a', 'de'), 'de');
    await put(store(), responseTo('/a', 'fr'), 'fr');
    const page = await store().page({ cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true });
    const id = page.found.find(({ shelved }) => textOf(shelved) === 'de')?.id ?? '';
    expect(await store().purge({ selection: { kind: 'one', id }, before })).toBe(1);
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['fr']);
    expect(await store().purge({ selection: { kind: 'one', id }, before })).toBe(0);
    expect(await store().purge({ selection: { kind: 'one', id: 'nonsense' }, before })).toBe(0);
  });
}
