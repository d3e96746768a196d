import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsOf, noFields, withLine } from '../../src/http/fields.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import type { Store } from '../../src/store/store.ts';
import { lists, purges } from './contract-of-purges.ts';
import { beginStoring, put, responseTo, textOf, textsAt } from './shelved.ts';

/** The limits with which the contract wants its store: no test of it needs more. */
export interface ContractLimits {
  readonly maxBytes: number;
  readonly maxObjectBytes: number;
  readonly maxVariants: number;
}

export const contractLimits: ContractLimits = { maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 };

/** What any store must do. `make` gives an empty one with `contractLimits`, `close` lets go of it. */
export function storeContract(
  name: string,
  make: (limits: ContractLimits) => Store | Promise<Store>,
  close: (store: Store) => void | Promise<void> = () => {},
): void {
  describe(`${name}, as any store,`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await make(contractLimits);
    });

    afterEach(async () => {
      await close(store);
    });

    storesAndFinds(() => store);
    keepsVariants(() => store);
    knowsThemAgain(() => store);
    freshens(() => store);
    forgets(() => store);
    keepsWithinLimits(() => store);
    purges(() => store);
    lists(() => store);
  });
}

function storesAndFinds(store: () => Store): void {
  it('has nothing of a key that was never stored', async () => {
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0, bytesLimit: contractLimits.maxBytes });
  });

  it('gives back head and content, piece by piece', async () => {
    const stored = responseTo('/a');
    expect(await put(store(), stored, 'one ', '', 'two')).toBe(true);
    const [shelved] = await store().lookup(stored.key);
    expect(shelved?.stored).toEqual({ ...stored, serial: shelved?.stored.serial });
    expect(shelved?.content).toMatchObject({ length: 7, complete: true });
    expect(shelved === undefined ? undefined : textOf(shelved)).toBe('one two');
  });

  it('keeps a response without content', async () => {
    expect(await put(store(), responseTo('/a'))).toBe(true);
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['']);
  });

  it('keeps the head that comes with the commit', async () => {
    const writer = beginStoring(store(), responseTo('/a'), 3);
    writer.write(Buffer.from('one'));
    const final = { ...responseTo('/a'), status: 404 };
    expect(await writer.commit(final)).toBe(true);
    expect((await store().lookup(final.key)).map(({ stored }) => stored.status)).toEqual([404]);
  });

  it('copies what is written: the chunk may change afterwards', async () => {
    const chunk = Buffer.from('one');
    const writer = beginStoring(store(), responseTo('/a'));
    writer.write(chunk);
    chunk.fill('x');
    await writer.commit(responseTo('/a'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['one']);
  });

  it('shows nothing before the commit, but to who holds the writer', async () => {
    const writer = beginStoring(store(), responseTo('/a'), 7);
    writer.write(Buffer.from('one '));
    expect(textOf(writer)).toBe('one ');
    expect(writer.content.complete).toBe(false);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
    writer.write(Buffer.from('two'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
    await writer.commit(responseTo('/a'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['one two']);
  });

  it('leaves what was stored in its place until the commit', async () => {
    await put(store(), responseTo('/a'), 'one');
    const writer = beginStoring(store(), responseTo('/a'));
    writer.write(Buffer.from('two'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['one']);
    writer.abort();
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['one']);
  });

  it('shows nothing of what was aborted, not even after a commit', async () => {
    const writer = beginStoring(store(), responseTo('/a'));
    writer.write(Buffer.from('one'));
    writer.abort();
    writer.abort();
    expect(writer.write(Buffer.from('two'))).toBe(false);
    expect(store().stats().bytesUsed).toBe(0);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
    expect(store().stats().bytesUsed).toBe(0);
  });

  it('keeps keys apart whatever they hold', async () => {
    const targets = ['/a', '/A', '/a?', '/a/', '/../a', '/\xff', '/__proto__', '/a%00', `/${'x'.repeat(4096)}`];
    for (const target of targets) await put(store(), responseTo(target), target);
    for (const target of targets) expect(await textsAt(store(), responseTo(target))).toEqual([target]);
  });
}

function keepsVariants(store: () => Store): void {
  it('keeps the variants of one URI side by side', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/a'), 'any');
    expect((await textsAt(store(), responseTo('/a'))).toSorted()).toEqual(['any', 'eins', 'one']);
    expect(store().stats().responses).toBe(3);
  });

  it('puts a response in the place of the same variant, and of no other', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/a', 'de'), 'zwei');
    expect((await textsAt(store(), responseTo('/a'))).toSorted()).toEqual(['one', 'zwei']);
  });

  it('takes values of other nominated fields for another variant, even if they look the same', async () => {
    const one = responseTo('/a', 'de');
    const two = { ...one, nominatedFields: ['accept-encoding'] };
    await put(store(), one, 'one');
    await put(store(), two, 'two');
    expect((await textsAt(store(), one)).toSorted()).toEqual(['one', 'two']);
  });

  it('gives all that a request selects, if it looks up with the fields of that', async () => {
    const languages = ['de', 'en', 'fr'];
    for (const language of languages) await put(store(), responseTo('/a', language), language);
    await put(store(), responseTo('/a'), 'any');
    for (const language of languages) {
      const asked = presentedFields(fieldsOf(['accept-language', language]));
      const found = await store().lookup(responseTo('/a').key, asked);
      expect(found.map(textOf)).toEqual(expect.arrayContaining([language, 'any']));
    }
  });

  it('gives all there are to a request that selects none', async () => {
    for (const language of ['de', 'en', 'fr']) await put(store(), responseTo('/a', language), language);
    for (const asked of [fieldsOf(['accept-language', 'it']), noFields]) {
      const found = await store().lookup(responseTo('/a').key, presentedFields(asked));
      expect(found.map(textOf).toSorted()).toEqual(['de', 'en', 'fr']);
    }
  });

  it('lets the variant stored longest ago go when there are too many', async () => {
    for (const language of ['a', 'b', 'c', 'd']) await put(store(), responseTo('/a', language), language);
    await put(store(), responseTo('/a', 'a'), 'a again');
    await put(store(), responseTo('/a', 'e'), 'e');
    expect((await textsAt(store(), responseTo('/a'))).toSorted()).toEqual(['a again', 'c', 'd', 'e']);
  });
}

/** The responses that are looked up again have been read anew in between, however a store keeps them. */
function knowsThemAgain(store: () => Store): void {
  it('gives each response a serial of its own, the same at every look-up', async () => {
    for (const target of ['/a', '/b']) await put(store(), responseTo(target), 'one');
    await put(store(), responseTo('/a', 'de'), 'eins');
    const serials: number[][] = [];
    for (const round of [0, 1, 2]) {
      serials[round] = [];
      for (const target of ['/a', '/b'])
        for (const { stored } of await store().lookup(responseTo(target).key)) serials[round].push(stored.serial);
    }
    expect(new Set(serials[0]).size).toBe(3);
    expect([serials[1], serials[2]]).toEqual([serials[0], serials[0]]);
  });

  it.each(['freshens', 'removes'])('%s what was looked up before it was looked up again', async (what) => {
    await put(store(), responseTo('/a'), 'one');
    const [first] = await store().lookup(responseTo('/a').key);
    const stored = first?.stored ?? responseTo('/b');
    for (let i = 0; i < 3; i++) await store().lookup(stored.key);
    if (what === 'freshens') await store().freshen(stored, { ...stored, responseTime: 5_000 });
    else await store().remove(stored);
    const found = await store().lookup(stored.key);
    expect(found.map((each) => each.stored.responseTime)).toEqual(what === 'freshens' ? [5_000] : []);
  });

  it('gives what is put in its place another serial, freshened or new', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [first] = await store().lookup(responseTo('/a').key);
    const stored = first?.stored ?? responseTo('/b');
    await store().freshen(stored, { ...stored, responseTime: 5_000 });
    await store().remove(stored);
    await store().freshen(stored, { ...stored, responseTime: 6_000 });
    const [second] = await store().lookup(stored.key);
    expect(second?.stored.responseTime).toBe(5_000);
    expect(second?.stored.serial).not.toBe(stored.serial);
    expect(second === undefined ? undefined : textOf(second)).toBe('one');
  });
}

function freshens(store: () => Store): void {
  it('puts the updated head in the place of the one it was made from, over the same content', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    const previous = (await store().lookup(responseTo('/a').key)).find((each) => textOf(each) === 'one');
    const stored = previous?.stored ?? responseTo('/b');
    await store().freshen(stored, { ...stored, responseTime: 5_000 });
    const found = await store().lookup(stored.key);
    expect(found.map((each) => `${textOf(each)} ${each.stored.responseTime}`).toSorted()).toEqual([
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
    expect(found.map((each) => [textOf(each), each.stored.status])).toEqual([['two', 200]]);
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
    const fields = withLine(stored.fields, 'x-long', 'x'.repeat(contractLimits.maxObjectBytes));
    await store().freshen(stored, { ...stored, fields });
    expect(await textsAt(store(), stored)).toEqual([]);
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });

  it('lets it take the place of the variant that it has become', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a'), 'any');
    const any = (await store().lookup(responseTo('/a').key)).find((each) => textOf(each) === 'any');
    await store().freshen(any?.stored ?? responseTo('/b'), responseTo('/a', 'de'));
    expect(await textsAt(store(), responseTo('/a'))).toEqual(['any']);
  });
}

function forgets(store: () => Store): void {
  it('removes one response and leaves the others', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/b'), 'b');
    const one = (await store().lookup(responseTo('/a').key)).find((each) => textOf(each) === 'one');
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

  it('uses no bytes once everything is gone', async () => {
    for (const target of ['/a', '/b', '/c']) await put(store(), responseTo(target), target.repeat(10_000));
    expect(store().stats().bytesUsed).toBeGreaterThan(60_000);
    const [a] = await store().lookup(responseTo('/a').key);
    await store().remove(a?.stored ?? responseTo('/none'));
    await store().invalidate(responseTo('/b').key);
    await store().invalidate(responseTo('/c').key);
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });
}

function keepsWithinLimits(store: () => Store): void {
  const { maxBytes, maxObjectBytes } = contractLimits;

  it('refuses at once what says to be larger than one response may be', () => {
    expect(store().begin(responseTo('/a'), maxObjectBytes + 1)).toBe('too-large');
    expect(store().stats().bytesUsed).toBe(0);
  });

  it('refuses what turns out to be larger, and keeps it readable for who reads already', async () => {
    const writer = beginStoring(store(), responseTo('/a'));
    expect(writer.write(Buffer.alloc(maxObjectBytes / 2, 'a'))).toBe(true);
    expect(writer.write(Buffer.alloc(maxObjectBytes / 2 + 1, 'b'))).toBe(false);
    expect(textOf(writer)).toHaveLength(maxObjectBytes + 1);
    expect(store().stats().bytesUsed).toBe(0);
    expect(writer.write(Buffer.from('c'))).toBe(false);
    expect(store().stats().bytesUsed).toBe(0);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
  });

  it('refuses more content than was promised when that is too large', async () => {
    const writer = beginStoring(store(), responseTo('/a'), 10);
    expect(writer.write(Buffer.alloc(maxObjectBytes + 1))).toBe(false);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
  });

  it('counts what is being written from its first byte', () => {
    const writer = beginStoring(store(), responseTo('/a'));
    const begun = store().stats().bytesUsed;
    expect(begun).toBeGreaterThan(0);
    writer.write(Buffer.alloc(100_000));
    expect(store().stats().bytesUsed).toBeGreaterThanOrEqual(begun + 100_000);
    writer.abort();
    expect(store().stats().bytesUsed).toBe(0);
  });

  it('counts reservations, and refuses them past the limit', () => {
    expect(store().reserve(maxBytes)).toBe(true);
    expect(store().stats().bytesUsed).toBe(maxBytes);
    expect(store().reserve(1)).toBe(false);
    expect(store().begin(responseTo('/a'), undefined)).toBe('store-refused');
    store().release(maxBytes);
    expect(store().stats().bytesUsed).toBe(0);
    expect(store().reserve(1)).toBe(true);
  });

  it('never holds more than the limit', async () => {
    for (let i = 0; i < 40; i++) {
      await put(store(), responseTo(`/${i}`), 'x'.repeat(maxObjectBytes / 4));
      expect(store().stats().bytesUsed).toBeLessThanOrEqual(maxBytes);
    }
    expect(await textsAt(store(), responseTo('/39'))).toHaveLength(1);
  });
}
