import { bytes, count, duration, percent } from '../admin/page/format.ts';
import { type CountedReason, missReasons } from '../observe/miss-reasons.ts';
import type { StatisticsSnapshot } from '../observe/statistics.ts';
import { AdminClient } from './admin-client.ts';
import { printable, printableJson } from './printable.ts';
import { eachOf, isNumber, objectWith, type Shape } from './shape.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere stats`. */
export interface StatsArguments {
  readonly admin?: string;
  readonly json?: true;
}

const counted = [
  'uptimeSeconds',
  'requests',
  'hits',
  'collapsed',
  'misses',
  'refused',
  'errors',
  'hitRatio',
  'byteHitRatio',
  'bytesSent',
  'bytesFromShelf',
  'originActive',
  'originQueued',
] as const satisfies readonly (keyof StatisticsSnapshot)[];

const memoryFigures = [
  'bytesUsed',
  'bytesLimit',
  'responses',
  'evictions',
] as const satisfies readonly (keyof StatisticsSnapshot['memory'])[];

/** What is shown of the figures; an answer without it is none. */
export const isSnapshot = objectWith({
  ...numbers(counted),
  byReason: eachOf(isNumber),
  memory: objectWith(numbers(memoryFigures)),
});

/**
 * Prints what was counted since the start. Resolves with the exit code.
 * @throws UsageError and AdminError
 */
export async function stats({ admin, json }: StatsArguments, terminal: Terminal): Promise<0> {
  const client = new AdminClient(admin, terminal.variables);
  const snapshot = await client.object<StatisticsSnapshot>({ path: '/v1/stats' }, isSnapshot);
  terminal.print(json === true ? `${printableJson(snapshot, 2)}\n` : statsText(client.url, snapshot));
  return 0;
}

/** Reasons that are shown; the rest are one line. */
const shownReasons = 12;

function statsText(url: string, snapshot: StatisticsSnapshot): string {
  const { memory, requests } = snapshot;
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['requests', count(requests)],
    ['hits', `${count(snapshot.hits)}  ${percent(snapshot.hitRatio)} of hits, collapsed and misses`],
    ['collapsed', `${count(snapshot.collapsed)}  answered by the response to another client's request`],
    ['misses', `${count(snapshot.misses)}  asked the origin`],
    ['errors', count(snapshot.errors)],
    ['refused', `${count(snapshot.refused)}  not counted in requests`],
    ['bytes sent', bytes(snapshot.bytesSent)],
    ['from the shelf', `${bytes(snapshot.bytesFromShelf)}  ${percent(snapshot.byteHitRatio)} of bytes sent`],
    [
      'memory',
      `${bytes(memory.bytesUsed)} of ${bytes(memory.bytesLimit)}  ${percent(memory.bytesUsed / memory.bytesLimit)}, ${count(memory.responses)} responses, ${count(memory.evictions)} evicted`,
    ],
    ['origin', `${count(snapshot.originActive)} requests under way, ${count(snapshot.originQueued)} waiting`],
  ];
  const figures = rows.map(([name, value]) => `  ${name.padEnd(14)}  ${value}`);
  return [`${url}, up ${duration(snapshot.uptimeSeconds)}`, '', ...figures, '', ...reasonLines(snapshot), ''].join(
    '\n',
  );
}

function reasonLines({ byReason }: StatisticsSnapshot): string[] {
  const reasons = missReasons(byReason);
  if (reasons.length === 0) return ['No misses so far.'];
  const all = sum(reasons);
  const width = count(all).length;
  const lines = reasons
    .slice(0, shownReasons)
    .map(
      ([reason, many]) => `  ${count(many).padStart(width)}  ${percent(many / all).padStart(7)}  ${printable(reason)}`,
    );
  const rest = sum(reasons.slice(shownReasons));
  if (rest > 0)
    lines.push(`  ${count(rest).padStart(width)}  ${percent(rest / all).padStart(7)}  others (--json has them all)`);
  return ['Why misses missed, by Cache-Status', ...lines];
}

function sum(reasons: readonly CountedReason[]): number {
  return reasons.reduce((total, [, many]) => total + many, 0);
}

function numbers(names: readonly string[]): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.map((name) => [name, isNumber]));
}
