import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsOf, noFields } from '../../src/http/fields.ts';
import { presentedFields } from '../../src/policy/presented.ts';
import { forgets, freshens } from './contract-of-changes.ts';
import { keepsLargeContent } from './contract-of-content.ts';
import { lists, purges } from './contract-of-purges.ts';
import { type AnyShelf, beginStoring, put, responseTo, textOf, textRead, textsAt, textsRead } from './shelved.ts';

/** The limits with which the contract wants its shelf: no test of it needs more. */
export interface ContractLimits {
  readonly maxBytes: number;
  readonly maxObjectBytes: number;
  readonly maxVariants: number;
}

export const contractLimits: ContractLimits = { maxBytes: 2 ** 20, maxObjectBytes: 2 ** 18, maxVariants: 4 };

/** What any shelf must do, wherever it keeps what is on it. `make` gives an empty one with `contractLimits`, as far as it has such; `close` lets go of it. */
export function shelfContract<OneShelf extends AnyShelf>(
  name: string,
  make: (limits: ContractLimits) => OneShelf | Promise<OneShelf>,
  close: (shelf: OneShelf) => void | Promise<void> = () => {},
): void {
  describe(`${name}, as any shelf,`, () => {
    let shelf: OneShelf;

    beforeEach(async () => {
      shelf = await make(contractLimits);
    });

    afterEach(async () => {
      await close(shelf);
    });

    keepsResponses(() => shelf);
  });
}

/** The same, for whoever makes the shelf. */
export function keepsResponses(store: () => AnyShelf): void {
  storesAndFinds(store);
  keepsVariants(store);
  knowsThemAgain(store);
  freshens(store, contractLimits.maxObjectBytes);
  forgets(store);
  refusesWhatIsTooLarge(store);
  keepsLargeContent(store);
  purges(store);
  lists(store);
}

function storesAndFinds(store: () => AnyShelf): void {
  it('has nothing of a key that was never stored', async () => {
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
  });

  it('gives back head and content, piece by piece', async () => {
    const stored = responseTo('/a');
    expect(await put(store(), stored, 'one ', '', 'two')).toBe(true);
    const [shelved] = await store().lookup(stored.key);
    expect(shelved?.stored).toEqual({ ...stored, serial: shelved?.stored.serial });
    expect(shelved?.content).toMatchObject({ length: 7, complete: true });
    expect(shelved && (await textRead(shelved))).toBe('one two');
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
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
  });

  it('keeps keys apart whatever they hold', async () => {
    const targets = ['/a', '/A', '/a?', '/a/', '/../a', '/\xff', '/__proto__', '/a%00', `/${'x'.repeat(4096)}`];
    for (const target of targets) await put(store(), responseTo(target), target);
    for (const target of targets) expect(await textsAt(store(), responseTo(target))).toEqual([target]);
  });
}

function keepsVariants(store: () => AnyShelf): void {
  it('keeps the variants of one URI side by side', async () => {
    await put(store(), responseTo('/a', 'de'), 'eins');
    await put(store(), responseTo('/a', 'en'), 'one');
    await put(store(), responseTo('/a'), 'any');
    expect((await textsAt(store(), responseTo('/a'))).toSorted()).toEqual(['any', 'eins', 'one']);
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
      expect(await textsRead(found)).toEqual(expect.arrayContaining([language, 'any']));
    }
  });

  it('gives all there are to a request that selects none', async () => {
    for (const language of ['de', 'en', 'fr']) await put(store(), responseTo('/a', language), language);
    for (const asked of [fieldsOf(['accept-language', 'it']), noFields]) {
      const found = await store().lookup(responseTo('/a').key, presentedFields(asked));
      expect((await textsRead(found)).toSorted()).toEqual(['de', 'en', 'fr']);
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
function knowsThemAgain(store: () => AnyShelf): void {
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
    expect(second && (await textRead(second))).toBe('one');
  });
}

function refusesWhatIsTooLarge(store: () => AnyShelf): void {
  const { maxObjectBytes } = contractLimits;

  it('refuses at once what says to be larger than one response may be', () => {
    expect(store().begin(responseTo('/a'), maxObjectBytes + 1)).toBe('too-large');
  });

  it('refuses what turns out to be larger, and keeps it readable for who reads already', async () => {
    const writer = beginStoring(store(), responseTo('/a'));
    expect(writer.write(Buffer.alloc(maxObjectBytes / 2, 'a'))).toBe(true);
    expect(writer.write(Buffer.alloc(maxObjectBytes / 2 + 1, 'b'))).toBe(false);
    expect(textOf(writer)).toHaveLength(maxObjectBytes + 1);
    expect(writer.write(Buffer.from('c'))).toBe(false);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(await textsAt(store(), responseTo('/a'))).toEqual([]);
  });

  it('refuses more content than was promised when that is too large', async () => {
    const writer = beginStoring(store(), responseTo('/a'), 10);
    expect(writer.write(Buffer.alloc(maxObjectBytes + 1))).toBe(false);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
  });
}
