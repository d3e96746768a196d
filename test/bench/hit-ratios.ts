import { afterChange, afterScan, capacity, inFlood, keepings, popular } from './traces.ts';

/** Prints what becomes of the hit ratio of a hot set: by the eviction of the memory shelf, and where the least recently used went first. */
function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(1)} %`;
}

const sets: readonly (readonly [objects: number, exponent: number])[] = [
  [0.8 * capacity, 0],
  [0.8 * capacity, 0.8],
  [3 * capacity, 0.8],
  [10 * capacity, 1],
];

for (const keeping of keepings) {
  console.log(`\n${keeping}; ${capacity} responses fit`);
  for (const [objects, exponent] of sets) {
    const name = `${Math.round(objects)} objects, by 1/n^${exponent}`;
    for (const each of [1, 4, 19]) {
      const { before, during } = inFlood(keeping, popular('/hot', objects, exponent), each);
      console.log(`  ${name}: ${percent(before)}; with ${each} once for each: ${percent(during)}`);
    }
    const { before, after } = afterScan(keeping, popular('/hot', objects, exponent));
    console.log(`  ${name}: ${percent(before)}; after a scan: ${percent(after)}`);
    const steps = afterChange(keeping, popular('/old', objects, exponent), popular('/new', objects, exponent), 8);
    console.log(`  ${name}: after all has changed: ${steps.map(percent).join(', ')}`);
  }
}
