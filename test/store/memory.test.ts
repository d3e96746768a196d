import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withLine } from '../../src/http/fields.ts';
import { queryKey } from '../../src/key/cache-key.ts';
import type { VariantKey } from '../../src/key/nominated-fields.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { weightOfHead } from '../../src/store/inflated.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Content } from '../../src/store/content.ts';
import type { Shelved, StoreWriter } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';
import { beginStoring, put, responseTo, textsAt } from './shelved.ts';

storeContract('the memory shelf', (limits) => new MemoryStore(limits));

const small = { maxBytes: 30_000, maxObjectBytes: 15_000, maxVariants: 8 };

function withLongField(stored: StoredResponse, length: number): StoredResponse {
  return { ...stored, fields: withLine(stored.fields, 'x-long', 'x'.repeat(length)) };
}

/** The bytes that a response without content takes. */
async function headBytes(stored: StoredResponse): Promise<number> {
  const store = new MemoryStore(small);
  await put(store, stored);
  return store.stats().bytesUsed;
}

describe('the bytes of the memory shelf', () => {
  it('are those of content, head, key and variant', async () => {
    const bare = await headBytes(responseTo('/a'));
    const store = new MemoryStore(small);
    await put(store, responseTo('/a'), 'x'.repeat(2_000));
    expect(store.stats().bytesUsed).toBeGreaterThan(bare + 2_000);
    expect(await headBytes(responseTo(`/${'a'.repeat(100)}`))).toBeGreaterThan(bare + 300);
    expect(await headBytes(responseTo('/a', 'd'.repeat(100)))).toBeGreaterThan(bare + 100);
  });

  it('are those of the target, too, by which the response to a QUERY is found', async () => {
    const stored = responseTo(`/${'a'.repeat(500)}`);
    const query = { ...stored, key: queryKey(stored.key, 'digest') };
    expect(await headBytes(query)).toBeGreaterThan((await headBytes(stored)) + stored.key.length);
  });

  it('beside key, head and content are few', async () => {
    const store = new MemoryStore({ maxBytes: 2 ** 24, maxObjectBytes: 2 ** 20, maxVariants: 8 });
    let texts = 0;
    for (let i = 0; i < 1_000; i++) {
      const stored = withLongField(responseTo(`/item/${i}`), 200);
      texts += stored.key.length + stored.fields.join('').length;
      await put(store, stored, 'x'.repeat(1_024));
    }
    expect(store.stats().bytesUsed / 1_000).toBeLessThan(1_024 + texts / 1_000 + 400);
  });

  it('of one response are limited with its head', () => {
    const head = weightOfHead(responseTo('/a'));
    const store = new MemoryStore(small);
    expect(store.begin(responseTo('/a'), small.maxObjectBytes - head + 1)).toBe('too-large');
    const writer = beginStoring(store, responseTo('/a'), small.maxObjectBytes - head);
    expect(writer.write(Buffer.alloc(small.maxObjectBytes - head))).toBe(true);
    expect(store.stats().bytesUsed).toBe(small.maxObjectBytes);
    expect(writer.commit(responseTo('/a'))).toBe(true);
    expect(store.stats().bytesUsed).toBeLessThan(small.maxObjectBytes + 1_000);
  });

  it('are refused to a commit whose head has grown past the limit', async () => {
    const store = new MemoryStore(small);
    const writer = beginStoring(store, responseTo('/a'), 10);
    writer.write(Buffer.alloc(10));
    expect(writer.commit({ ...responseTo('/a'), variant: responseTo('/', 'x'.repeat(15_000)).variant })).toBe(false);
    expect(store.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });

  it('are refused to a head that could not be read again', async () => {
    const store = new MemoryStore(small);
    expect(await put(store, { ...responseTo('/a'), variant: '\u0100' as VariantKey }, 'one')).toBe(false);
    expect(store.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });
});

/** A shelf with `/0` to `/3`, each of about a fifth of it. */
async function full(): Promise<MemoryStore> {
  const store = new MemoryStore(small);
  for (const name of ['/0', '/1', '/2', '/3']) await put(store, responseTo(name), 'x'.repeat(5_000));
  return store;
}

async function present(store: MemoryStore): Promise<string> {
  const found: string[] = [];
  for (const name of ['/0', '/1', '/2', '/3', '/4']) {
    // Not in the order of use: a look-up is a use.
    if ((await textsAt(store, responseTo(name))).length > 0) found.push(name.slice(1));
  }
  return found.join('');
}

describe('what gives way', () => {
  it('is what was used least recently', async () => {
    const store = await full();
    store.lookup(responseTo('/0').key);
    await put(store, responseTo('/4'), 'x'.repeat(5_000));
    expect(await present(store)).toBe('0234');
    expect(store.stats()).toMatchObject({ responses: 4, evictions: 1 });
  });

  it('gives way to a reservation, and no more of it than needed', async () => {
    const store = await full();
    const { bytesUsed } = store.stats();
    expect(store.reserve(small.maxBytes - bytesUsed)).toBe(true);
    expect(store.stats().evictions).toBe(0);
    expect(store.reserve(1)).toBe(true);
    expect(await present(store)).toBe('123');
    expect(store.stats()).toMatchObject({ responses: 3, evictions: 1 });
  });

  it('does not give way to what could not fit in any case', async () => {
    const store = await full();
    expect(store.reserve(small.maxBytes + 1)).toBe(false);
    expect(store.reserve(1_000)).toBe(true);
    expect(store.reserve(small.maxBytes - 999)).toBe(false);
    expect(await present(store)).toBe('0123');
    expect(store.stats().evictions).toBe(0);
  });

  it('is not asked of others when a response takes the place of its own older self', async () => {
    const store = await full();
    const writer = beginStoring(store, responseTo('/0'), 0);
    store.reserve(small.maxBytes - store.stats().bytesUsed);
    expect(writer.commit(withLongField(responseTo('/0'), 3_000))).toBe(true);
    expect(await present(store)).toBe('0123');
    expect(store.stats().evictions).toBe(0);
  });

  it('is even the last other response', async () => {
    const store = new MemoryStore({ maxBytes: 12_000, maxObjectBytes: 12_000, maxVariants: 8 });
    await put(store, responseTo('/0'), 'x'.repeat(7_500));
    const writer = beginStoring(store, responseTo('/1'), 0);
    expect(writer.commit(withLongField(responseTo('/1'), 3_000))).toBe(true);
    expect(await present(store)).toBe('1');
    expect(store.stats()).toMatchObject({ responses: 1, evictions: 1 });
  });

  it('is everything else, to the last, for a response that needs the room', async () => {
    const store = new MemoryStore({ maxBytes: 15_000, maxObjectBytes: 15_000, maxVariants: 8 });
    await put(store, responseTo('/0'), 'x'.repeat(6_000));
    const [shelved] = store.lookup(responseTo('/0').key);
    const stored = shelved?.stored ?? responseTo('/none');
    await put(store, responseTo('/1'), 'x'.repeat(1_500));
    store.freshen(stored, { ...stored, variant: responseTo('/', 'x'.repeat(6_500)).variant });
    expect(await present(store)).toBe('0');
    expect(store.stats()).toMatchObject({ responses: 1, evictions: 1 });
  });

  it('is the oldest variants of the same URI when together they would fill more than the shelf', async () => {
    const store = new MemoryStore(small);
    for (const language of ['a', 'b']) await put(store, responseTo('/a', language), language.repeat(9_000));
    await put(store, responseTo('/a', 'c'), 'ccc');
    const stored = store.lookup(responseTo('/a').key)[2]?.stored ?? responseTo('/none');
    store.freshen(stored, responseTo('/a', 'x'.repeat(9_000)));
    expect((await textsAt(store, stored)).map((text) => text.slice(0, 1))).toEqual(['b', 'c']);
    expect(store.stats()).toMatchObject({ responses: 2, evictions: 1, variantEvictions: 0 });
  });

  it('is the oldest variant of a URI that has as many as it may, which is told apart', async () => {
    const store = new MemoryStore({ ...small, maxVariants: 2 });
    for (const language of ['a', 'b', 'c']) await put(store, responseTo('/a', language), language);
    expect(await textsAt(store, responseTo('/a'))).toEqual(['b', 'c']);
    expect(store.stats()).toMatchObject({ responses: 2, evictions: 1, variantEvictions: 1 });
  });

  it('is told as evicted, but not what was replaced, removed or invalidated', async () => {
    const store = await full();
    await put(store, responseTo('/0'), 'new');
    const [one] = store.lookup(responseTo('/1').key);
    store.remove(one?.stored ?? responseTo('/none'));
    store.invalidate(responseTo('/2').key);
    expect(store.stats()).toMatchObject({ responses: 2, evictions: 0 });
  });
});

type Operation =
  | {
      readonly kind: 'begin';
      readonly target: string;
      readonly language: string | undefined;
      readonly expected: number | undefined;
    }
  | { readonly kind: 'write'; readonly bytes: number }
  | { readonly kind: 'commit' | 'abort' }
  | { readonly kind: 'reserve'; readonly bytes: number }
  | { readonly kind: 'release' }
  | { readonly kind: 'let go' }
  | { readonly kind: 'hold' | 'lookup' | 'invalidate' | 'remove' | 'freshen'; readonly target: string };

const target = fc.constantFrom('/a', '/b', '/c', '/d');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('begin' as const),
    target,
    language: fc.option(fc.constantFrom('de', 'en', 'fr'), { nil: undefined }),
    expected: fc.option(fc.nat(6_000), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('write' as const), bytes: fc.nat(3_000) }),
  fc.record({ kind: fc.constantFrom('commit' as const, 'abort' as const) }),
  fc.record({ kind: fc.constant('reserve' as const), bytes: fc.nat(4_000) }),
  fc.record({ kind: fc.constant('release' as const) }),
  fc.record({ kind: fc.constant('let go' as const) }),
  fc.record({ kind: fc.constantFrom('hold', 'lookup', 'invalidate', 'remove', 'freshen'), target }),
);

/** A shelf under test, with an account of its own of what is open beside it. */
class Account {
  readonly store = new MemoryStore({ maxBytes: 80_000, maxObjectBytes: 70_000, maxVariants: 2 });
  readonly writers: { writer: StoreWriter; stored: StoredResponse }[] = [];
  readonly reservations: number[] = [];
  readonly held: (() => void)[] = [];

  run(step: Operation): void {
    if (step.kind === 'begin') {
      const stored = responseTo(step.target, step.language);
      const writer = this.store.begin(stored, step.expected);
      if (typeof writer !== 'string') this.writers.push({ writer, stored });
    } else if (step.kind === 'reserve') {
      if (this.store.reserve(step.bytes)) this.reservations.push(step.bytes);
    } else if (step.kind === 'let go') {
      this.held.shift()?.();
    } else if (step.kind === 'release') {
      this.store.release(this.reservations.pop() ?? 0);
    } else if ('target' in step) {
      this.#onShelf(step.kind, step.target);
    } else {
      this.#onWriter(step);
    }
  }

  /** Ends everything and empties the shelf. */
  clear(): void {
    for (const { writer } of this.writers.splice(0)) writer.abort();
    for (const bytes of this.reservations.splice(0)) this.store.release(bytes);
    for (const release of this.held.splice(0)) release();
    for (const name of ['/a', '/b', '/c', '/d']) this.store.invalidate(responseTo(name).key);
  }

  #onShelf(kind: 'hold' | 'lookup' | 'invalidate' | 'remove' | 'freshen', name: string): void {
    const { key } = responseTo(name);
    const [shelved]: readonly (Shelved | undefined)[] = this.store.lookup(key);
    const stored = shelved?.stored ?? responseTo(name);
    if (kind === 'hold' && shelved !== undefined) this.held.push(this.store.hold(shelved.content));
    if (kind === 'invalidate') this.store.invalidate(key);
    if (kind === 'remove') this.store.remove(stored);
    if (kind === 'freshen') this.store.freshen(stored, { ...stored, responseTime: stored.responseTime + 1 });
  }

  #onWriter(step: Extract<Operation, { kind: 'write' | 'commit' | 'abort' }>): void {
    const open = this.writers.at(-1);
    if (open === undefined) return;
    if (step.kind === 'write' && open.writer.write(new Uint8Array(step.bytes))) return;
    if (step.kind === 'commit') void open.writer.commit(open.stored);
    if (step.kind === 'abort') open.writer.abort();
    this.writers.pop();
  }

  /** What the shelf holds by its own look-ups: responses and bytes of content. */
  recount(): { responses: number; contentBytes: number; variants: number } {
    const found = ['/a', '/b', '/c', '/d'].map((name) => this.store.lookup(responseTo(name).key));
    const all = found.flat();
    return {
      responses: all.length,
      contentBytes: all.reduce((sum, { content }) => sum + content.length, 0),
      variants: Math.max(...found.map(({ length }) => length)),
    };
  }
}

describe('any sequence of operations', () => {
  it('stays within the limit, counts all that it holds, and nothing once it is gone', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const account = new Account();
        for (const step of operations) {
          account.run(step);
          const shelf = account.recount();
          const { bytesUsed, bytesLimit, responses } = account.store.stats();
          expect(bytesUsed).toBeLessThanOrEqual(bytesLimit);
          expect(shelf.responses).toBe(responses);
          expect(shelf.variants).toBeLessThanOrEqual(2);
          const open = account.writers.map(({ writer, stored }) => weightOfHead(stored) + writer.content.bytesHeld);
          const least = [shelf.contentBytes, ...open, ...account.reservations];
          expect(bytesUsed).toBeGreaterThanOrEqual(least.reduce((sum, bytes) => sum + bytes, 0));
        }
        account.clear();
        expect(account.store.stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
      }),
      { numRuns: 300 },
    );
  });
});

const contentOf = (store: MemoryStore, path: string): Content => {
  const [shelved] = store.lookup(responseTo(path).key);
  if (shelved === undefined) throw new Error(`${path} is not there`);
  return shelved.content;
};

describe('content that clients are reading', () => {
  it.each<[string, (store: MemoryStore, stored: StoredResponse) => unknown]>([
    ['invalidation', (store, stored) => store.invalidate(stored.key)],
    ['removal', (store, stored) => store.remove(store.lookup(stored.key)[0]?.stored ?? stored)],
    ['a newer response', (store, stored) => put(store, { ...stored, responseTime: 1 }, 'new')],
    [
      'eviction',
      (store) =>
        put(store, responseTo('/b'), 'y'.repeat(12_000)).then(() => put(store, responseTo('/c'), 'z'.repeat(12_000))),
    ],
  ])('counts until the last has read it, when it leaves the shelf by %s', async (_what, leave) => {
    const store = new MemoryStore(small);
    const stored = responseTo('/a');
    await put(store, stored, 'x'.repeat(9_000));
    const content = contentOf(store, '/a');
    const [first, second] = [store.hold(content), store.hold(content)];
    await leave(store, stored);
    const { bytesUsed } = store.stats();
    first();
    first();
    expect(store.stats().bytesUsed).toBe(bytesUsed);
    second();
    expect(store.stats().bytesUsed).toBe(bytesUsed - 9_000);
  });

  it('counts once while it is on the shelf, freshened or not', async () => {
    const store = new MemoryStore(small);
    const { key } = responseTo('/a');
    await put(store, responseTo('/a'), 'x'.repeat(9_000));
    const { bytesUsed } = store.stats();
    for (const { stored, content } of store.lookup(key)) {
      const release = store.hold(content);
      store.freshen(stored, { ...stored, responseTime: 1 });
      expect(store.stats().bytesUsed).toBe(bytesUsed);
      release();
    }
    expect(store.stats().bytesUsed).toBe(bytesUsed);
    expect(store.lookup(key).map(({ stored }) => stored.responseTime)).toEqual([1]);
  });

  it('stays what it was when its cell has become another response', async () => {
    const store = new MemoryStore({ ...small, maxBytes: 2 ** 20 });
    await put(store, responseTo('/a'), 'a'.repeat(100));
    const run = contentOf(store, '/a').at(0);
    store.invalidate(responseTo('/a').key);
    for (let i = 0; i < 500; i++) await put(store, responseTo(`/${i}`), 'b'.repeat(100));
    expect(Buffer.from(run ?? []).toString('latin1')).toBe('a'.repeat(100));
  });

  it('leaves no room for others while it is read', async () => {
    const store = new MemoryStore({ ...small, maxBytes: 18_000 });
    await put(store, responseTo('/a'), 'x'.repeat(12_000));
    const release = store.hold(contentOf(store, '/a'));
    store.invalidate(responseTo('/a').key);
    expect(await put(store, responseTo('/b'), 'y'.repeat(12_000))).toBe(false);
    release();
    expect(await put(store, responseTo('/b'), 'y'.repeat(12_000))).toBe(true);
  });
});

describe('variants', () => {
  it('go in the order in which they were last used', async () => {
    const store = new MemoryStore({ ...small, maxVariants: 2 });
    const { key } = responseTo('/a');
    for (const language of ['de', 'en']) await put(store, responseTo('/a', language), language);
    const [de, en] = store.lookup(key).map(({ stored }) => stored);
    store.used(de ?? responseTo('/none'));
    await put(store, responseTo('/a', 'fr'), 'fr');
    expect(await textsAt(store, { key })).toEqual(['de', 'fr']);
    store.used(en ?? responseTo('/none'));
    expect(await textsAt(store, { key })).toEqual(['de', 'fr']);
  });
});
