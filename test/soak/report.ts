import { mebibytes } from '../real/program.ts';
import type { Soaked } from './soak.ts';
import { trendsOf } from './soak.ts';
import type { Trend } from './samples.ts';

/** What came of one shape, in words and figures. */
export function reportOf(soaked: Soaked): string {
  const { shape, seconds, tally, originRequests, failures, said } = soaked;
  const rate = (tally.requests / seconds).toFixed(0);
  return [
    `== ${shape}: ${tally.requests} requests in ${seconds.toFixed(0)} s (${rate} a second), ${originRequests} at the origin`,
    `   ${counts(tally.byKind)}; ${tally.hits} hits, ${tally.purges} purges, ${tally.heldBack} held back`,
    `   wrong: ${tally.wrong.length}; errors: ${tally.errors.length}, ${soaked.unexcused.length} of them without a fault that clients may notice`,
    ...(tally.errors.length === 0
      ? []
      : [`   errors were: ${counts(occurrences(tally.errors.map(({ what }) => what)))}`]),
    `   faults: ${counts(occurrences(soaked.windows.map(({ fault }) => fault.name)))}`,
    ...trendLines(soaked),
    `   stderr: ${[...said.values()].reduce((sum, count) => sum + count, 0)} lines`,
    ...[...said].map(([line, count]) => `     ${count}  ${line}`),
    ...failures.map((failure) => `   FAILED  ${failure}`),
  ].join('\n');
}

function counts(map: ReadonlyMap<string, number>): string {
  return [...map].map(([name, count]) => `${name} ${count}`).join(', ');
}

/** How often each of them is there; numbers of bytes in them make no difference. */
function occurrences(names: readonly string[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const name of names) {
    const kind = name.replace(/^\w+: |\d+(?= bytes)/g, '');
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
  }
  return counted;
}

function trendLines({ samples, descriptors }: Soaked): string[] {
  const [first] = samples;
  if (first === undefined) return ['   too short for samples'];
  const trends = trendsOf(samples, first.atMs);
  const most = Math.max(...samples.map(({ memoryBytes }) => memoryBytes));
  return [
    `   memory: ${told(trends.memory, mebibytes)}, ${mebibytes(most)} at the most; ${byTenths(samples)}`,
    `   descriptors, the fewest of each minute: ${told(trends.descriptors, (count) => count.toFixed(1))}; ${descriptors.before} before the first request, ${descriptors.after} after the last`,
  ];
}

/** How it came about: the mean of each tenth of the time. */
function byTenths(samples: Soaked['samples']): string {
  const each = Math.ceil(samples.length / 10);
  const tenths = Array.from({ length: Math.ceil(samples.length / each) }, (_, i) =>
    samples.slice(i * each, (i + 1) * each),
  );
  const means = tenths.map((tenth) => tenth.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / tenth.length);
  return `by tenths of the time ${means.map((mean) => (mean / 2 ** 20).toFixed(0)).join(' ')}`;
}

function told(trend: Trend | undefined, figure: (number: number) => string): string {
  if (trend === undefined) return 'too few samples for a trend';
  const minutes = (trend.hours * 60).toFixed(1);
  return `${figure(trend.mean)} on average, ${trend.rise < 0 ? '' : '+'}${figure(trend.rise)} over the last ${minutes} minutes`;
}
