import { bytes, count, counted, duration, percent } from '../admin/page/format.ts';
import { type CountedReason, missReasons } from '../observe/miss-reasons.ts';
import type { StatisticsSnapshot, WorkerRow } from '../observe/statistics.ts';
import { AdminClient } from './admin-client.ts';
import { printable, printableJson } from './printable.ts';
import { eachOf, isNumber, isText, listOf, objectWith, type Shape } from './shape.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere stats`. */
export interface StatsArguments {
  readonly admin?: string;
  readonly json?: true;
}

const figures = [
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

const isKind: Shape = (value) => value === 'disk' || value === 'redis';
const isFlag: Shape = (value) => typeof value === 'boolean';

/** What is shown of the figures; an answer without it is none. */
export const isSnapshot = objectWith(
  {
    ...numbers(figures),
    byReason: eachOf(isNumber),
    memory: objectWith(numbers(memoryFigures)),
  },
  {
    store: objectWith(
      { kind: isKind, isUp: isFlag, ...numbers(['hits', 'evictions', 'failures', 'damaged']) },
      numbers(['responses', 'bytesUsed', 'bytesLimit']),
    ),
    workers: listOf(objectWith({ instance: isText, answered: isFlag }, numbers(['requests', 'uptimeSeconds']))),
    workerDeaths: isNumber,
  },
);

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
      `${bytes(memory.bytesUsed)} of ${bytes(memory.bytesLimit)}  ${percent(memory.bytesUsed / memory.bytesLimit)}, ${counted(memory.responses, 'response')}, ${count(memory.evictions)} evicted`,
    ],
    ...storeRows(snapshot),
    ...workerRows(snapshot),
    ['origin', `${counted(snapshot.originActive, 'request')} under way, ${count(snapshot.originQueued)} waiting`],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(14)}  ${value}`);
  return [`${url}, up ${duration(snapshot.uptimeSeconds)}`, '', ...lines, '', ...reasonLines(snapshot), ''].join('\n');
}

function workerRows({ workers, workerDeaths = 0 }: StatisticsSnapshot): (readonly [name: string, value: string])[] {
  if (workers === undefined) return [];
  const replaced = workerDeaths === 0 ? '' : `, in the place of ${count(workerDeaths)} that ended unasked`;
  const each = workers.map((worker) => ['', `${printable(worker.instance)}  ${toldOf(worker)}`] as const);
  return [['workers', `${count(workers.length)}${replaced}`], ...each];
}

function toldOf({ answered, requests, uptimeSeconds }: WorkerRow): string {
  if (requests === undefined || uptimeSeconds === undefined) return 'has told nothing so far';
  const told = `${counted(requests, 'request')} in ${duration(uptimeSeconds)}`;
  return answered ? told : `${told}, as it told last: it did not answer in time`;
}

/** What there is to say of the shelf beneath memory. */
function storeRows({ store }: StatisticsSnapshot): (readonly [name: string, value: string])[] {
  if (store === undefined) return [];
  const { kind, isUp, hits, responses, bytesUsed, bytesLimit, evictions, failures, damaged } = store;
  const of = bytesLimit === undefined ? '' : ` of ${bytes(bytesLimit)}`;
  const told = [
    ...(isUp ? [] : ['not used at the moment, as it failed']),
    ...(bytesUsed === undefined ? [] : [`${bytes(bytesUsed)}${of}`]),
    ...(responses === undefined ? [] : [counted(responses, 'response')]),
    counted(hits, 'hit'),
    `${count(evictions)} evicted`,
    counted(failures, 'failure'),
    `${count(damaged)} damaged`,
  ];
  return [[kind, told.join(', ')]];
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
