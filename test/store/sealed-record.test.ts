import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/store/codec.ts';
import { pieceBytes } from '../../src/store/backing.ts';
import { piecesOf, type Sealed, seal, sumOf, unseal } from '../../src/store/sealed-record.ts';
import { anyStored } from './any-stored.ts';
import { frozenRecord, frozenSealed, sample } from './frozen.ts';
import { responseTo } from './shelved.ts';

function sealedBytes(sealed: Sealed): Buffer {
  const bytes = seal(sealed);
  if (bytes === undefined) throw new Error('it could not be sealed');
  return bytes;
}

const content = Buffer.alloc(pieceBytes + 1, 'x');
const sealedSample: Sealed = {
  stored: sample,
  putAt: 1_795_348_800_000.5,
  contentLength: content.length,
  sums: [sumOf(content.subarray(0, pieceBytes)), sumOf(content.subarray(pieceBytes))],
};

const anySealed = fc
  .record({ stored: anyStored, putAt: fc.double({ noNaN: true }), contentLength: fc.nat(20 * pieceBytes) })
  .chain((of) => {
    const pieces = piecesOf(of.contentLength);
    const sums = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: pieces, maxLength: pieces });
    return sums.map((each): Sealed => ({ ...of, sums: each }));
  });

describe('a sealed record', () => {
  it('is read as it was sealed, whatever is in it', () => {
    fc.assert(
      fc.property(anySealed, (sealed) => {
        expect(unseal(sealedBytes(sealed))).toEqual({ kind: 'sealed', sealed });
      }),
      { numRuns: 200 },
    );
  });

  it('is damaged when any byte of it is another, or its end is missing', () => {
    const bytes = sealedBytes({ stored: responseTo('/a', 'de'), putAt: 1, contentLength: 1, sums: [7] });
    for (let at = 0; at < bytes.length; at++) {
      expect(unseal(bytes.subarray(0, at))).toEqual({ kind: 'damaged' });
      for (const flip of [1, 0x80, 0xff]) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ flip;
        expect(unseal(other)).toEqual({ kind: 'damaged' });
      }
    }
    expect(unseal(Buffer.concat([bytes, Buffer.alloc(1)]))).toEqual({ kind: 'damaged' });
  });

  it('is damaged when it consists of anything at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        const bytes = Buffer.from(rest);
        if (bytes.length > 1) bytes.set([0xe8, 1]);
        expect(unseal(bytes)).toEqual({ kind: 'damaged' });
      }),
    );
  });

  it('is left alone where a newer Etagere has written it', () => {
    const bytes = sealedBytes(sealedSample);
    const start = bytes.length - (encodeRecord(sample)?.length ?? 0);
    for (const versionAt of [1, start + 1]) {
      const newer = Buffer.from(bytes);
      newer[versionAt] = 0x7f;
      expect(unseal(resealed(newer))).toEqual({ kind: 'unknown' });
    }
  });

  it('does not believe a length of content that is none, or has more sums than there are bytes', () => {
    for (const length of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 52]) {
      const bytes = sealedBytes(sealedSample);
      bytes.writeDoubleLE(length, 16);
      expect(unseal(resealed(bytes))).toEqual({ kind: 'damaged' });
    }
  });

  it('holds records of every older version', () => {
    for (const version of [1, 2, 3]) {
      const record = frozenRecord(version);
      const bytes = sealedBytes({ ...sealedSample, contentLength: 0, sums: [] });
      const read = unseal(resealed(Buffer.concat([bytes.subarray(0, 24), record])));
      expect(read).toMatchObject({ kind: 'sealed', sealed: { stored: { key: sample.key, serial: sample.serial } } });
    }
  });
});

/** With the right sum again, as if it had been written so. */
function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(sumOf(Buffer.concat([bytes.subarray(0, 4), bytes.subarray(8)])), 4);
  return bytes;
}

describe('version 1 of the envelope', () => {
  it('is what is written', () => {
    expect(sealedBytes(sealedSample).equals(frozenSealed(1))).toBe(true);
  });

  it('is read as long as there may be some of it', () => {
    expect(unseal(frozenSealed(1))).toEqual({ kind: 'sealed', sealed: sealedSample });
  });
});
