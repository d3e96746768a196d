/**
 * The middle one, or the mean of the two in the middle.
 * @throws RangeError when there is none.
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('nothing was measured');
  return (lower + upper) / 2;
}

/**
 * The smallest value that at least so many hundredths are not above.
 * @throws RangeError when there is none.
 */
export function percentile(values: readonly number[], hundredths: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.ceil((sorted.length * hundredths) / 100) - 1];
  if (value === undefined) throw new RangeError('nothing was measured');
  return value;
}

/** Of these, the smallest and the largest. */
export function spread(values: readonly number[]): readonly [least: number, most: number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Who comes when: one after the other, backwards in every second round, so that nobody is always the one after the busiest. */
export function orderOf<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}

/**
 * Each of these divided by that of the same round.
 * @throws RangeError where there are not as many of both.
 */
export function ratios(values: readonly number[], bases: readonly number[]): readonly number[] {
  return inPairs(values, bases, (value, base) => value / base);
}

/**
 * How much more each of these is than that of the same round.
 * @throws RangeError where there are not as many of both.
 */
export function differences(values: readonly number[], bases: readonly number[]): readonly number[] {
  return inPairs(values, bases, (value, base) => value - base);
}

function inPairs(
  values: readonly number[],
  bases: readonly number[],
  figure: (value: number, base: number) => number,
): readonly number[] {
  if (values.length !== bases.length) throw new RangeError('not as many rounds of both');
  return values.map((value, round) => figure(value, bases[round] ?? NaN));
}
