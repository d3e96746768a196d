/** Upper bounds of the buckets in milliseconds: from a hit to the longest time-out that is common. */
export const latencyBoundsMs: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];

/** How often a time was at most so long. Counting takes some nanoseconds and no memory. */
export class LatencyHistogram {
  /** One more than there are bounds: the last is for what exceeds all of them. */
  readonly #counts = new Float64Array(latencyBoundsMs.length + 1);
  #sumMs = 0;

  observe(ms: number): void {
    let bucket = 0;
    while (ms > (latencyBoundsMs[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += ms;
  }

  /** Adds what another has observed. */
  take(other: LatencyHistogram): void {
    addCounts(this.#counts, other.#counts);
    this.#sumMs += other.#sumMs;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** For each bound, and at last for all: how many were not above it. */
  cumulative(): number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => (sum += count));
  }
}

/** Adds each number of the second row to that in the same place of the first. */
export function addCounts(counts: Float64Array, more: Float64Array): void {
  for (const [index, count] of more.entries()) counts[index] = (counts[index] ?? 0) + count;
}
