/** PURE: the shapes of the charts, in a box of `width` by `height` with its origin at the upper left. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** One value for each second; undefined where there is none to show. */
export type Values = readonly (number | undefined)[];

/** The smallest of 1, 2, 5, 10, 20, 50, … that no value exceeds; 1 where there are none. */
export function roundTop(values: Values): number {
  const most = greatest(values);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5].map((step) => step * power).find((top) => top >= most) ?? 10 * power;
}

/** The smallest power of two that no value exceeds, which is round for bytes; 1 where there are none. */
export function binaryTop(values: Values): number {
  return 2 ** Math.ceil(Math.log2(greatest(values)));
}

function greatest(values: Values): number {
  return Math.max(1, ...values.map((value) => value ?? 0));
}

/** The path of a line through the values, with a gap where there is none. */
export function linePath(values: Values, top: number, box: Box): string {
  let pen = 'M';
  const steps: string[] = [];
  for (const [i, value] of values.entries()) {
    if (value === undefined) {
      pen = 'M';
      continue;
    }
    // A point that stands alone would not be seen: it gets a line to itself.
    const alone = pen === 'M' && values[i + 1] === undefined;
    const point = `${xOf(i, values.length, box)} ${yOf(value, top, box)}`;
    steps.push(`${pen}${point}${alone ? 'h1' : ''}`);
    pen = 'L';
  }
  return steps.join('');
}

/** The path around what lies between two lines. */
export function areaPath(lower: readonly number[], upper: readonly number[], top: number, box: Box): string {
  if (upper.length === 0) return '';
  const there = upper.map((value, i) => `${xOf(i, upper.length, box)} ${yOf(value, top, box)}`);
  const back = lower.map((value, i) => `${xOf(i, lower.length, box)} ${yOf(value, top, box)}`).toReversed();
  return `M${[...there, ...back].join('L')}Z`;
}

/** Where the i-th of `many` values stands; the last is at the right edge. */
export function xOf(i: number, many: number, { width }: Box): number {
  return many < 2 ? width : round((i / (many - 1)) * width);
}

function yOf(value: number, top: number, { height }: Box): number {
  return round(height - (Math.min(value, top) / top) * height);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
