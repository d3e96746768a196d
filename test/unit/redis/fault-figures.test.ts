import { describe, expect, it } from 'vitest';
import { type FaultSpan, faultTable, slowestOf, spanOf, timesLine } from '../../redis/fault-figures.ts';

const spans: readonly FaultSpan[] = [
  { what: 'frozen', fromMs: 1_000, toMs: 2_000, backMs: 300 },
  { what: 'full', fromMs: 5_000, toMs: 6_000, backMs: 20 },
  { what: 'frozen', fromMs: 8_000, toMs: 9_000, backMs: 100 },
];

function timed(fromMs: number, ms: number): { fromMs: number; toMs: number } {
  return { fromMs, toMs: fromMs + ms };
}

describe('the table of troubles', () => {
  const answered = [timed(100, 10), timed(990, 60), timed(1_500, 50), timed(3_000, 20), timed(5_500, 15)];
  const table = faultTable(spans, { answered, errors: [timed(8_999, 5)], wrong: [timed(4_000, 1)] });
  const rows = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

  it('has what clients had while each of them lasted, beside all other time', () => {
    expect(rows.slice(2)).toEqual([
      ['well', '', '2', '0', '1', '10.0', '20.0', '', ''],
      ['frozen', '2', '2', '1', '0', '50.0', '60.0', '40.0', '200 (100–300)'],
      ['full', '1', '1', '0', '0', '15.0', '15.0', '-5.0', '20'],
    ]);
  });

  it('tells in which one something was', () => {
    expect(spanOf(timed(500, 100), spans)).toBe('before any trouble');
    expect(spanOf(timed(4_900, 200), spans)).toBe('from -100 to 100 ms after Redis began to be full, for 1000 ms');
  });

  it('has the slowest first, and the middle of all', () => {
    expect(slowestOf(answered)[0]).toEqual(timed(990, 60));
    expect(timesLine([3, 1, 2])).toBe('2 ms (p50), 3 ms (p99), 3 ms (most of 3)');
    expect(timesLine([])).toContain('none');
  });
});
