import { openDescriptors, ownMemory } from '../process-figures.ts';

/** What the processes of a stage had at a moment. */
export interface Sample {
  /** By `performance.now`. */
  readonly atMs: number;
  /** Resident, and their own: no pages of a database. */
  readonly memoryBytes: number;
  readonly descriptors: number;
}

const everyMs = 2_000;

/** Takes one every two seconds, until it is stopped. */
export function sampling(pids: () => readonly number[]): { readonly samples: readonly Sample[]; stop: () => void } {
  const samples: Sample[] = [];
  const timer = setInterval(() => samples.push(sampleOf(pids())), everyMs);
  return { samples, stop: () => clearInterval(timer) };
}

/** What they have now. */
export function sampleOf(pids: readonly number[]): Sample {
  return { atMs: performance.now(), memoryBytes: ownMemory(pids), descriptors: openDescriptors(pids) };
}

/** Of the samples of each minute the one with the fewest descriptors. */
export function fewestOfEachMinute(samples: readonly Sample[]): readonly Sample[] {
  const fewest = new Map<number, Sample>();
  for (const sample of samples) {
    const minute = Math.floor(sample.atMs / 60_000);
    const found = fewest.get(minute);
    if (found === undefined || sample.descriptors < found.descriptors) fewest.set(minute, sample);
  }
  return [...fewest.values()];
}

/** A line through points. */
export interface Trend {
  readonly mean: number;
  /** By how much the line rises from the first point to the last. */
  readonly rise: number;
  readonly hours: number;
}

/** The line of the least squares through one figure of the samples; undefined: there are too few for one. */
export function trendOf(samples: readonly Sample[], figure: (sample: Sample) => number): Trend | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 3) return undefined;
  const times = samples.map(({ atMs }) => atMs);
  const figures = samples.map(figure);
  const [meanTime, mean] = [meanOf(times), meanOf(figures)];
  const spread = times.reduce((sum, time) => sum + (time - meanTime) ** 2, 0);
  const together = times.reduce((sum, time, i) => sum + (time - meanTime) * ((figures[i] ?? mean) - mean), 0);
  const spanMs = last.atMs - first.atMs;
  return { mean, rise: (together / spread) * spanMs, hours: spanMs / 3_600_000 };
}

/** By how much the most memory of the later half is more than that of the first. */
export function riseOfPeaks(samples: readonly Sample[]): number {
  const half = samples.length >> 1;
  const peakOf = (some: readonly Sample[]): number => Math.max(...some.map(({ memoryBytes }) => memoryBytes));
  return peakOf(samples.slice(half)) - peakOf(samples.slice(0, half));
}

/** Of what there is on average, a tenth more at the end is what a few minutes and processes that are replaced make of it by chance; and a hundredth more for each hour. */
export function isFlat({ mean, rise, hours }: Trend): boolean {
  return rise <= mean * (0.1 + 0.01 * hours);
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
