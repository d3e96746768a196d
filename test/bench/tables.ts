import { markdownTable } from '../markdown-table.ts';
import { labelOf, type Row, ratiosOf } from './rounds.ts';
import type { Sample } from './load.ts';
import { median, spread } from './statistics.ts';
import type { Workload } from './workloads.ts';

/** The table of one workload, in Markdown. Medians; the least and the most of all rounds in brackets. */
export function loadTable(
  { unit, goals, against }: Pick<Workload, 'unit' | 'goals' | 'against'>,
  rows: readonly Row[],
): string {
  const { name, perRequest } = unit ?? { name: 'request', perRequest: 1 };
  const head = [
    'server',
    `CPU µs/${name}`,
    against === undefined ? 'of nginx' : `${against} of nginx`,
    'goal',
    `${name}s/s`,
    'p50 ms',
    'p99 ms',
    'peak MiB',
    'core busy',
  ];
  const body = rows.map((row) => {
    if (row.samples.length === 0) return [labelOf(row), row.trouble ?? 'not measured'];
    const figure = (of: (sample: Sample) => number, digits: number): string => around(row.samples.map(of), digits);
    const ratios = ratiosOf(row, rows, against === 'p99' ? ({ p99Us }) => p99Us : ({ cpuUs }) => cpuUs);
    const goal = row.contestant.own ? goals[row.setting] : undefined;
    return [
      labelOf(row),
      figure(({ cpuUs }) => cpuUs / perRequest, 1),
      ratios.length === 0 ? '' : around(ratios, 2),
      goal === undefined ? '' : `≤ ${goal.toFixed(2)}`,
      figure(({ perSecond }) => perSecond * perRequest, 0),
      figure(({ p50Us }) => p50Us / 1_000, 2),
      figure(({ p99Us }) => p99Us / 1_000, 2),
      figure(({ peakBytes }) => peakBytes / 2 ** 20, 0),
      `${(100 * median(row.samples.map(({ busy }) => busy))).toFixed(0)} %`,
    ];
  });
  return markdownTable(head, body);
}

/** `12.3 (11.9–14.0)` */
export function around(values: readonly number[], digits: number): string {
  const [least, most] = spread(values).map((value) => value.toFixed(digits));
  const middle = median(values).toFixed(digits);
  return values.length === 1 ? middle : `${middle} (${least}–${most})`;
}
