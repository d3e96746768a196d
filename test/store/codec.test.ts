import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/http/fields.ts';
import type { CacheKey } from '../../src/key/cache-key.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import {
  agingOfRecord,
  decodeRecord,
  encodeRecord,
  generationOfRecord,
  keyOfRecord,
  serialOfRecord,
  purgeRecord,
} from '../../src/store/codec.ts';
import { wellKnown } from '../../src/store/well-known.ts';
import { anyStored, outside } from './any-stored.ts';
import { frozenRecord, sample } from './frozen.ts';
import { responseTo } from './shelved.ts';

function recordOf(stored: StoredResponse): Buffer {
  const record = encodeRecord(stored);
  if (record === undefined) throw new Error('it could not be written');
  return record;
}

/** The record between bytes that are not its own; `decodeRecord` is told where it begins, and that it may reach to `end`. */
function surrounded(record: Uint8Array): { bytes: Buffer; start: number; end: number } {
  const bytes = Buffer.alloc(record.length + 200, outside);
  bytes.set(record, 100);
  return { bytes, start: 100, end: 100 + record.length };
}

/** Where the counts and marks begin in a record with nothing optional. */
const marks = 64;

/** Every text of a head. */
function textsOf({ search, ...stored }: StoredResponse): string {
  return JSON.stringify({ ...stored, search, names: [...(search?.variation.names ?? [])] });
}

describe('a record', () => {
  it('is read as it was written, whatever is in it and around it', () => {
    fc.assert(
      fc.property(anyStored, (stored) => {
        const record = recordOf(stored);
        const { bytes, start, end } = surrounded(record);
        expect(decodeRecord(bytes, start, bytes.length)).toEqual({ stored, length: record.length });
        expect(decodeRecord(bytes, start, end)).toEqual({ stored, length: record.length });
        expect(serialOfRecord(bytes, start)).toBe(stored.serial);
      }),
      { numRuns: 300 },
    );
  });

  it('is none when its end is missing', () => {
    const record = recordOf(responseTo('/a', 'de'));
    for (let end = 0; end < record.length; end++) expect(decodeRecord(record, 0, end)).toBeUndefined();
  });

  it('is none when it is of another version or of something else', () => {
    for (const [at, value] of [
      [0, 0],
      [1, 0],
      [1, 4],
      [11, 3],
    ] as const) {
      const record = recordOf(responseTo('/a'));
      record[at] = value;
      expect(decodeRecord(record)).toBeUndefined();
    }
  });

  it('is none when a flag or a source is set that this version does not know', () => {
    const flagged = recordOf(responseTo('/a'));
    flagged.writeUInt16LE(1 << 14, 8);
    const sourced = recordOf(responseTo('/a'));
    sourced[10] = 0xff;
    expect([decodeRecord(flagged), decodeRecord(sourced)]).toEqual([undefined, undefined]);
  });

  it('is none, or another head made of its own bytes, once it is damaged: never an error, never a byte from elsewhere', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyStored, damage, (stored, changes) => {
        const record = recordOf(stored);
        // Half of the changes to where the lengths are: elsewhere they change a character or a number.
        for (const [at, value] of changes)
          record[at % (at % 2 === 0 ? record.length : 100)] = value === outside ? 0 : value;
        const { bytes, start, end } = surrounded(record);
        const decoded = decodeRecord(bytes, start, end);
        if (decoded === undefined) return;
        expect(decoded.length).toBeLessThanOrEqual(record.length);
        expect(textsOf(decoded.stored)).not.toContain(String.fromCharCode(outside));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is none when it consists of anything at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        const bytes = Buffer.from(rest);
        if (bytes.length > 1) bytes.set([0xe7, 1]);
        // It is no record, unless by a chance that there is not.
        expect(decodeRecord(bytes)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not believe a count that its bytes can not hold', () => {
    const record = recordOf({ ...responseTo('/a'), nominatedFields: ['x'] });
    expect(record[marks]).toBe(1);
    record.set([0xff, 0xff, 0xff, 0x7f], marks);
    expect(decodeRecord(record)).toBeUndefined();
  });

  it('does not believe a place where no known text is', () => {
    const key = marks + 6;
    const record = recordOf({ ...responseTo('/a'), key: 'etag' as CacheKey });
    expect(record[key]).toBe(wellKnown.indexOf('etag') * 2 + 1);
    // The first of the fields, which come after the key.
    record.set([0x81, 0x01], key);
    expect(decodeRecord(record)).toBeUndefined();
  });

  it('writes out neither what many responses have, nor a validator that stands in the fields already', () => {
    const text = '"a rather long entity-tag"';
    const lines = fieldsOf(['content-length', ''], ['etag', text]);
    const plain = recordOf({ ...responseTo('/a'), fields: lines });
    const validated = recordOf({
      ...responseTo('/a'),
      fields: lines,
      preconditions: fieldsOf(['if-none-match', text]),
      entityTag: { weak: false, opaque: text, text },
    });
    expect(plain.length).toBe(recordOf({ ...responseTo('/a'), fields: fieldsOf() }).length + text.length + 4);
    expect(validated.length).toBeLessThan(plain.length + 6);
  });
});

describe('a head that could not be read again', () => {
  it.each<[string, Partial<StoredResponse>]>([
    ['a text beyond Latin-1', { key: 'http:1:a/\u0100' as CacheKey }],
    ['such a text somewhere else', { fields: fieldsOf(['x', '\ud83d\ude00']) }],
    ['a status beyond two bytes', { status: 0x10000 }],
    ['a status that is no number of them', { status: 200.5 }],
    ['a status below zero', { status: -1 }],
  ])('is not written: %s', (_what, part) => {
    expect(encodeRecord({ ...responseTo('/a'), ...part })).toBeUndefined();
  });
});

describe('version 1', () => {
  it('is read as long as there may be records of it: it had no tags', () => {
    const record = frozenRecord(1);
    expect(decodeRecord(record)).toEqual({ stored: { ...sample, tags: [], ended: undefined }, length: record.length });
  });
});

describe('version 2', () => {
  it('is read as long as there may be records of it: nothing had ended a lifetime', () => {
    const record = frozenRecord(2);
    expect(decodeRecord(record)).toEqual({ stored: { ...sample, ended: undefined }, length: record.length });
    record[11] = 1;
    expect(decodeRecord(record)).toBeUndefined();
  });
});

describe('version 3', () => {
  it('is read as long as there may be records of it', () => {
    const record = frozenRecord(3);
    expect(decodeRecord(record)).toEqual({ stored: sample, length: record.length });
  });

  it('is what is written', () => {
    expect(recordOf(sample).toString('hex')).toBe(frozenRecord(3).toString('hex'));
  });
});

describe('without reading the rest, a record tells', () => {
  it('its key, its generation, and what its age is counted from', () => {
    fc.assert(
      fc.property(anyStored, (stored) => {
        fc.pre(!wellKnown.includes(stored.key));
        const record = recordOf(stored);
        expect(keyOfRecord(record, 0)).toBe(stored.key);
        expect(generationOfRecord(record, 0)).toBe(stored.generation);
        const { responseTime, correctedInitialAge, freshness } = stored;
        expect(agingOfRecord(record, 0)).toEqual({ responseTime, correctedInitialAge, freshness });
      }),
    );
  });

  it('and takes the lifetime of one that was purged, and nothing else with it', () => {
    const record = recordOf(sample);
    const freshness = { ...sample.freshness, lifetime: 12.5 };
    expect(purgeRecord(record, 0, 12.5)).toBe(true);
    expect(decodeRecord(record)?.stored).toEqual({ ...sample, freshness, ended: 'purged' });
    expect(purgeRecord(record, 0, 12.5)).toBe(false);
  });
});
