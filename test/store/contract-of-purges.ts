import { expect, it } from 'vitest';
import { type CacheKey, queryKey } from '../../src/key/cache-key.ts';
import type { StoreSelection } from '../../src/store/selection.ts';
import type { Shelved } from '../../src/store/store.ts';
import { type AnyShelf, put, responseTo, textRead, textsAt, textsRead } from './shelved.ts';

/** A fill that began now belongs to this generation, and what `responseTo` makes to an older one. */
const before = 1;

/** Has lifetimes end when what `responseTo` makes is seven seconds old: no other lifetime here is like it. */
const inSeven = { expire: () => 7, expiredAt: 7_000 };

const urlsOf = (targets: readonly string[]): string[] => targets.map((target) => responseTo(target).key);

/** The response to a QUERY of a target. */
const question = { ...responseTo('/b'), key: queryKey(responseTo('/b').key, 'digest') };

/** Something for every selection. */
async function fill(shelf: AnyShelf): Promise<void> {
  await put(shelf, { ...responseTo('/a/1'), tags: ['red'] }, 'a1');
  await put(shelf, { ...responseTo('/a/2', 'de'), tags: ['red', 'blue'] }, 'a2');
  await put(shelf, { ...responseTo('/a/2', 'fr'), groups: ['blue'] }, 'a2fr');
  await put(shelf, responseTo('/b'), 'b');
  await put(shelf, question, 'asked');
}

/** What is there of that, but for the response to a QUERY. */
async function there(shelf: AnyShelf): Promise<string[]> {
  const texts = ['/a/1', '/a/2', '/b'].map((url) => textsAt(shelf, responseTo(url)));
  return (await Promise.all(texts)).flat().toSorted();
}

/** What an operator may ask of any store: to purge, and to say what would be purged. */
export function purges(store: () => AnyShelf): void {
  const selections: readonly (readonly [string, StoreSelection, number, string[]])[] = [
    ['a target with its variants', { kind: 'targets', keys: urlsOf(['/a/2']) as CacheKey[] }, 2, ['a1', 'b']],
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
    await fill(store());
    expect((await store().count(selection)).matched).toBe(matched);
    expect(await there(store())).toEqual(['a1', 'a2', 'a2fr', 'b']);
    expect((await store().purge({ selection, before })).matched).toBe(matched);
    expect(await there(store())).toEqual(left.toSorted());
    expect((await store().count(selection)).matched).toBe(0);
  });

  it('has purged when the call returns, whatever is still to be done', async () => {
    await fill(store());
    const done = store().purge({ selection: { kind: 'all' }, before });
    expect(await there(store())).toEqual([]);
    await done;
    expect((await store().count({ kind: 'all' })).matched).toBe(0);
  });

  it('purges a target with the queries to it', async () => {
    await fill(store());
    const { matched } = await store().purge({ selection: { kind: 'targets', keys: [responseTo('/b').key] }, before });
    expect(matched).toBeGreaterThan(0);
    expect(await there(store())).toEqual(['a1', 'a2', 'a2fr']);
    expect(await textsAt(store(), question)).toEqual([]);
  });

  it('lists and counts nothing as it was, when a purge has begun', async () => {
    await fill(store());
    const everything = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
    const soft = store().purge({ selection: { kind: 'tag', tag: 'red' }, before, ...inSeven });
    const page = await store().page(everything);
    expect(page.found.filter(({ shelved }) => shelved.stored.ended === 'purged')).toHaveLength(2);
    await soft;
    const hard = store().purge({ selection: { kind: 'all' }, before });
    expect((await store().count({ kind: 'all' })).matched).toBe(0);
    expect((await store().page(everything)).found).toEqual([]);
    await hard;
  });

  it('does one after the other what several have begun, each for what the others have left', async () => {
    await fill(store());
    const begun = ['blue', 'red'].map((tag) => store().purge({ selection: { kind: 'tag', tag }, before }));
    expect((await Promise.all(begun)).map(({ matched }) => matched).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(await there(store())).toEqual(['b']);
  });

  it('leaves what a later fill has brought, whatever is still to be done', async () => {
    await fill(store());
    const done = store().purge({ selection: { kind: 'tag', tag: 'red' }, before });
    await put(store(), { ...responseTo('/a/1'), generation: before, tags: ['red'] }, 'new');
    await done;
    expect(await textsAt(store(), responseTo('/a/1'))).toEqual(['new']);
    expect((await store().count({ kind: 'tag', tag: 'red' })).matched).toBe(1);
  });

  it('gives what is to expire another lifetime, and keeps it', async () => {
    await fill(store());
    const [seen] = await store().lookup(responseTo('/a/1').key);
    expect(
      await store().purge({ selection: { kind: 'beginning', prefixes: urlsOf(['/a/1']) }, before, ...inSeven }),
    ).toMatchObject({ matched: 1 });
    const [shelved] = await store().lookup(responseTo('/a/1').key);
    expect(shelved?.stored).toEqual({
      ...seen?.stored,
      freshness: { lifetime: 7, source: 'max-age' },
      ended: 'purged',
    });
    expect(shelved && (await textRead(shelved))).toBe('a1');
    expect((await store().lookup(responseTo('/b').key))[0]?.stored.freshness.lifetime).toBe(60);
  });

  it('no longer finds by its tags what has left, and finds by its new ones what was freshened', async () => {
    await fill(store());
    const [shelved] = await store().lookup(responseTo('/a/1').key);
    const stored = shelved?.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, tags: ['green'] });
    expect((await store().count({ kind: 'tag', tag: 'green' })).matched).toBe(1);
    expect((await store().count({ kind: 'tag', tag: 'red' })).matched).toBe(1);
    await store().invalidate(stored.key);
    expect((await store().count({ kind: 'tag', tag: 'green' })).matched).toBe(0);
  });
}

/** What a shelf of one process counts: each response once that a purge is about, whatever becomes of it meanwhile. */
export function countsPurges(store: () => AnyShelf): void {
  it('counts what is looked up, confirmed or gone before it comes by', async () => {
    await fill(store());
    const done = store().purge({ selection: { kind: 'all' }, before, ...inSeven });
    const [first] = await store().lookup(responseTo('/a/1').key);
    const stored = first?.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, ended: undefined, generation: before });
    await store().lookup(responseTo('/b').key);
    await store().invalidate(responseTo('/b').key);
    await store().lookup(responseTo('/a/2').key);
    expect((await done).matched).toBe(5);
    expect((await store().lookup(stored.key))[0]?.stored.ended).toBeUndefined();
  });

  it('counts what is listed before it comes by', async () => {
    await fill(store());
    const hard = store().purge({ selection: { kind: 'all' }, before });
    const everything = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
    expect((await store().page(everything)).found).toEqual([]);
    expect((await hard).matched).toBe(5);
  });

  it('counts the queries to a target with it', async () => {
    await fill(store());
    const selection: StoreSelection = { kind: 'targets', keys: [responseTo('/b').key] };
    expect((await store().count(selection)).matched).toBe(2);
    expect((await store().purge({ selection, before })).matched).toBe(2);
    expect((await store().count({ kind: 'all' })).matched).toBe(3);
  });
}

/** And what it holds. */
export function lists(store: () => AnyShelf): void {
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
      found.push(...(await textsRead(page.found.map(({ shelved }) => shelved))));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found.sort()).toEqual(targets.filter((target) => target !== '/4'));
  });

  it('names each as before when it was confirmed, and nothing else by that name when it has left', async () => {
    for (const language of ['de', 'fr', 'it']) await put(store(), responseTo('/a', language), language);
    const list = { cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true } as const;
    const named = (await store().page(list)).found.find(({ shelved }) => isOf(shelved, 'fr'));
    const stored = named?.shelved.stored ?? responseTo('/never');
    await store().freshen(stored, { ...stored, tags: ['confirmed'], responseTime: 5_000 });
    const purge = { selection: { kind: 'one', id: named?.id ?? '' }, before } as const;
    expect((await store().purge(purge)).matched).toBe(1);
    expect((await textsAt(store(), stored)).toSorted()).toEqual(['de', 'it']);
    await put(store(), responseTo('/a', 'es'), 'es');
    expect((await store().purge(purge)).matched).toBe(0);
    expect((await textsAt(store(), stored)).toSorted()).toEqual(['de', 'es', 'it']);
  });

  it('names each so that it alone can be purged', async () => {
    await put(store(), responseTo('/a', 'de'), 'de');
    await put(store(), responseTo('/a', 'fr'), 'fr');
    const page = await store().page({ cursor: undefined, limit: 10, selection: { kind: 'all' }, matches: () => true });
    const id = page.found.find(({ shelved }) => isOf(shelved, 'de'))?.id ?? '';
    expect((await store().purge({ selection: { kind: 'one', id }, before })).matched).toBe(1);
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['fr']);
    expect((await store().purge({ selection: { kind: 'one', id }, before })).matched).toBe(0);
    expect((await store().purge({ selection: { kind: 'one', id: 'nonsense' }, before })).matched).toBe(0);
  });
}

/** Whether it is the variant of `/a` in that language. */
function isOf({ stored }: Shelved, language: string): boolean {
  return stored.variant === responseTo('/a', language).variant;
}
