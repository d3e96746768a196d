import type { Place } from '../../src/store/backing.ts';

/** Where the record with that number lies: places are as evenly spread as digests. */
export function placeOf(record: number): Place {
  const row = (Math.imul(record, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return { row: row.repeat(4), variant: '0'.repeat(16) };
}
