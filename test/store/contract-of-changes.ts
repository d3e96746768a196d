import { expect, it } from 'vitest';
import { withLine } from '../../src/http/fields.ts';
import { type AnyShelf, put, responseTo, shelvedWith, textsAt, textsRead } from './shelved.ts';

/** What any shelf does with a response that is confirmed, or was that. */
export function freshens(store: () => AnyShelf, maxObjectBytes: number): void {
  it('puts the updated head in the place of the one it was made from, over the same content', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    const previous = await shelvedWith(store(), responseTo('/a').key, 'one');
    const stored = previous?.stored ?? responseTo('/b');
    await store().freshen(stored, { ...stored, responseTime: 5_000 });
    const found = await store().lookup(stored.key);
    const texts = await textsRead(found);
    expect(found.map(({ stored: { responseTime } }, at) => `${texts[at]} ${responseTime}`).toSorted()).toEqual([
      'eins 0',
      'one 5000',
    ]);
  });

  it('does nothing when the response it was made from has left', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [first] = await store().lookup(responseTo('/a').key);
    await put(store(), responseTo('/a'), 'two');
    const previous = first?.stored ?? responseTo('/b');
    await store().freshen(previous, { ...previous, status: 404 });
    const found = await store().lookup(previous.key);
    expect(await textsRead(found)).toEqual(['two']);
    expect(found[0]?.stored.status).toBe(200);
  });

  it('does nothing after an invalidation', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [shelved] = await store().lookup(responseTo('/a').key);
    const stored = shelved?.stored ?? responseTo('/b');
    await store().invalidate(stored.key);
    await store().freshen(stored, { ...stored, responseTime: 5_000 });
    expect(await textsAt(store(), stored)).toEqual([]);
  });

  it('drops it when its updated head is too large to keep', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [shelved] = await store().lookup(responseTo('/a').key);
    const stored = shelved?.stored ?? responseTo('/b');
    const fields = withLine(stored.fields, 'x-long', 'x'.repeat(maxObjectBytes));
    await store().freshen(stored, { ...stored, fields });
    expect(await textsAt(store(), stored)).toEqual([]);
  });

  it('lets it take the place of the variant that it has become', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a'), 'any');
    const any = await shelvedWith(store(), responseTo('/a').key, 'any');
    await store().freshen(any?.stored ?? responseTo('/b'), responseTo('/a', 'de'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['any']);
  });
}

/** And with one that has to go. */
export function forgets(store: () => AnyShelf): void {
  it('removes one response and leaves the others', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/b'), 'b');
    const one = await shelvedWith(store(), responseTo('/a').key, 'one');
    await store().remove(one?.stored ?? responseTo('/c'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['eins']);
    expect(await textsAt(store(), responseTo('/b'))).toEqual(['b']);
  });

  it('removes nothing that has taken the place of what was meant', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [first] = await store().lookup(responseTo('/a').key);
    await put(store(), responseTo('/a'), 'two');
    await store().remove(first?.stored ?? responseTo('/b'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['two']);
  });

  it('invalidates every variant of a URI and no other URI', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/b'), 'b');
    await store().invalidate(responseTo('/a').key);
    await store().invalidate(responseTo('/none').key);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
    expect(await textsAt(store(), responseTo('/b'))).toEqual(['b']);
  });
}
