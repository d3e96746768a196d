import { expect, it } from 'vitest';
import { hundredRows } from '../../bench/hundred.ts';

it('what a hundred instances cost is in units that can be read, with its spread', () => {
  const sample = { lookupUs: 38, putUs: 40, putBytes: 2_432, idleShare: 0.018, purgeUs: 840, purgeMs: [8] };
  expect(hundredRows([sample, { ...sample, idleShare: 0.02, purgeUs: 1_000 }], 100)).toEqual([
    ['a look-up that finds 1 KiB', '38.0 (38.0–38.0) µs'],
    ['a response of 1 KiB that is put there', '40.0 (40.0–40.0) µs'],
    ['its memory', '2432 (2432–2432) bytes'],
    ['signs of life of 100 instances', '1.90 (1.80–2.00) %'],
    ['a purge that 100 instances hear and confirm', '0.92 (0.84–1.00) ms'],
  ]);
});
