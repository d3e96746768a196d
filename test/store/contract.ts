import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLine } from '../../src/http/fields.ts';
import type { Store } from '../../src/store/store.ts';
import { countsPurges } from './contract-of-purges.ts';
import { beginStoring, put, responseTo, textsAt } from './shelved.ts';
import { type ContractLimits, contractLimits, keepsResponses } from './shelf-contract.ts';

/** What any store must do: what any shelf does, and to count what is in memory. `make` gives an empty one with `contractLimits`, `close` lets go of it. */
export function storeContract<OneStore extends Store>(
  name: string,
  make: (limits: ContractLimits) => OneStore | Promise<OneStore>,
  close: (store: OneStore) => void | Promise<void> = () => {},
): void {
  describe(`${name}, as any store,`, () => {
    let store: OneStore;

    beforeEach(async () => {
      store = await make(contractLimits);
    });

    afterEach(async () => {
      await close(store);
    });

    keepsResponses(() => store);
    countsWhatItHolds(() => store);
    keepsWithinLimits(() => store);
    countsPurges(() => store);
  });
}

function countsWhatItHolds(store: () => Store): void {
  it('uses no bytes where nothing was stored', () => {
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0, bytesLimit: contractLimits.maxBytes });
  });

  it('counts each variant', async () => {
    for (const language of ['de', 'en']) await put(store(), responseTo('/a', language), language);
    expect(store().stats().responses).toBe(2);
  });

  it('uses none for what was aborted', async () => {
    const writer = beginStoring(store(), responseTo('/a'));
    writer.write(Buffer.from('one'));
    writer.abort();
    writer.abort();
    expect(store().stats().bytesUsed).toBe(0);
    expect(await writer.commit(responseTo('/a'))).toBe(false);
    expect(store().stats().bytesUsed).toBe(0);
  });

  it('uses none for what was dropped as its updated head is too large', async () => {
    await put(store(), responseTo('/a'), 'one');
    const [shelved] = await store().lookup(responseTo('/a').key);
    const stored = shelved?.stored ?? responseTo('/b');
    const fields = withLine(stored.fields, 'x-long', 'x'.repeat(contractLimits.maxObjectBytes));
    await store().freshen(stored, { ...stored, fields });
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
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

  it('uses none when everything was purged', async () => {
    for (const target of ['/a', '/b', '/c']) await put(store(), responseTo(target), target);
    await store().purge({ selection: { kind: 'all' }, before: 1 });
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: 0 });
  });

  it('uses none for what is refused as it is too large', async () => {
    const { maxObjectBytes } = contractLimits;
    expect(store().begin(responseTo('/a'), maxObjectBytes + 1)).toBe('too-large');
    expect(store().stats().bytesUsed).toBe(0);
    const writer = beginStoring(store(), responseTo('/a'));
    expect(writer.write(Buffer.alloc(maxObjectBytes + 1, 'a'))).toBe(false);
    expect(store().stats().bytesUsed).toBe(0);
    expect(writer.write(Buffer.from('c'))).toBe(false);
    expect(store().stats().bytesUsed).toBe(0);
  });
}

function keepsWithinLimits(store: () => Store): void {
  const { maxBytes, maxObjectBytes } = contractLimits;

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

  it('counts what is held already whether it fits or not, and lets what is stored go for it', async () => {
    await put(store(), responseTo('/a'), 'a');
    store().charge(maxBytes + 1_000);
    expect(store().stats()).toMatchObject({ responses: 0, bytesUsed: maxBytes + 1_000 });
    expect(store().reserve(0)).toBe(false);
    store().release(1_000);
    expect(store().reserve(0)).toBe(true);
    store().release(maxBytes);
    expect(store().stats().bytesUsed).toBe(0);
  });

  it('never holds more than the limit', async () => {
    for (let i = 0; i < 40; i++) {
      await put(store(), responseTo(`/${i}`), 'x'.repeat(maxObjectBytes / 4));
      expect(store().stats().bytesUsed).toBeLessThanOrEqual(maxBytes);
    }
    expect(await textsAt(store(), responseTo('/39'))).toHaveLength(1);
  });
}
