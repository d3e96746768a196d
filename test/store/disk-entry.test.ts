import { describe, expect, it } from 'vitest';
import { decodeEntry, type Entry, encodeEntry, placeKey, placeOf, rowKeys } from '../../src/store/disk/entry.ts';

const entry: Entry = {
  where: 'file',
  id: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  length: 2 ** 40 + 7,
  turn: 2 ** 33,
  keepUntil: 1_795_000_000_000,
  head: Buffer.from('head'),
};

describe('an entry of a shelf on a disk', () => {
  it('is read as it was written', () => {
    for (const each of [entry, { ...entry, where: 'inside', length: 0, head: Buffer.alloc(0) } as const])
      expect(decodeEntry(encodeEntry(each))).toEqual(each);
  });

  it('may be of use for ever', () => {
    for (const keepUntil of [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])
      expect(decodeEntry(encodeEntry({ ...entry, keepUntil }))?.keepUntil).toBe(2 ** 48 - 1);
  });

  it('is none of another version, or cut off', () => {
    const bytes = encodeEntry(entry);
    expect(decodeEntry(bytes.subarray(0, 35))).toBeUndefined();
    expect(decodeEntry(Buffer.concat([Buffer.from([2]), bytes.subarray(1)]))).toBeUndefined();
  });

  it('lies within its row, and that of no other', () => {
    const place = { row: 'ab'.repeat(16), variant: 'ff'.repeat(8) };
    const key = placeKey(place);
    expect(placeOf(key)).toEqual(place);
    const { from, to } = rowKeys(place.row);
    expect([Buffer.compare(from, key), Buffer.compare(key, to)]).toEqual([-1, -1]);
    const next = placeKey({ row: `${'ab'.repeat(15)}ac`, variant: '00'.repeat(8) });
    expect(Buffer.compare(to, next)).toBe(-1);
  });
});
