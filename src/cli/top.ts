import { setTimeout as pause } from 'node:timers/promises';
import { bytes, count, counted, percent } from '../admin/page/format.ts';
import { alternatives } from '../config/values.ts';
import { UsageError } from '../config/usage-error.ts';
import type { StatisticsSnapshot, TopOrder, TopRow } from '../observe/statistics.ts';
import { AdminClient } from './admin-client.ts';
import { endOf, frame, type LiveOutput, type Screen } from './live-output.ts';
import { cut, printable, printableJson } from './printable.ts';
import { isNumber, isText, listOf, objectWith } from './shape.ts';
import { isSnapshot } from './stats.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere top`. */
export interface TopArguments {
  readonly by?: string;
  readonly once?: true;
  readonly json?: true;
  readonly admin?: string;
}

const orders: readonly TopOrder[] = ['requests', 'bytes', 'misses'];
const intervalMs = 1_000;
/** Where there is no screen to fill. */
const defaultRows = 20;
/** The most that the admin API gives. */
const mostRows = 200;
/** Above the rows: figures, an empty line, titles. */
const headLines = 3;

/** What is shown of the rows; an answer without it is none. */
const isTop = objectWith({
  rows: listOf(
    objectWith(
      { url: isText, requests: isNumber, hits: isNumber, misses: isNumber, bytes: isNumber, lastDetail: isText },
      { atMost: isNumber },
    ),
  ),
});

/**
 * Shows the URLs with the most requests, bytes or misses, each second anew, until it is ended. Resolves with the exit code.
 * @throws UsageError and AdminError
 */
export async function top(given: TopArguments, terminal: Terminal, output: LiveOutput): Promise<0> {
  const by = orderOf(given.by ?? 'requests');
  const client = new AdminClient(given.admin, terminal.variables);
  if (given.json === true && given.once !== true)
    throw new UsageError('--json is for a table that is printed once', 'write --once --json');
  if (given.once === true) {
    const shown = await asked(client, { by, limit: defaultRows });
    const text = given.json === true ? printableJson({ rows: shown.rows }, 2) : tableOf(shown).join('\n');
    await output.write(`${text}\n`);
    return 0;
  }
  const end = endOf(terminal, output);
  const table = async (limit: number): Promise<string[]> => tableOf(await asked(client, { by, limit }, end.signal));
  try {
    const print = async (): Promise<void> => output.write(`${(await table(defaultRows)).join('\n')}\n\n`);
    await (output.screen === undefined ? repeat(print, end.signal) : drawn(output.screen, { table, output, end }));
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
  return 0;
}

/** @throws UsageError */
function orderOf(text: string): TopOrder {
  const order = orders.find((one) => one === text);
  if (order !== undefined) return order;
  throw new UsageError(`--by: there is no order by "${text}"`, `write ${alternatives(orders)}`);
}

interface Drawing {
  readonly table: (limit: number) => Promise<string[]>;
  readonly output: LiveOutput;
  readonly end: AbortController;
}

async function drawn(screen: Screen, { table, output, end }: Drawing): Promise<void> {
  // Nothing is taken before there is something to show: a mistake is told where it can be read.
  await table(1);
  const close = screen.open((key) => {
    if (key === 'q' || key === 'Q' || key === '\u0003') end.abort();
  });
  try {
    await repeat(async () => {
      const lines = await table(Math.min(mostRows, Math.max(1, screen.rows - headLines - 1)));
      const shown = [...lines, 'q ends it'].slice(0, screen.rows).map((line) => cut(line, screen.columns));
      await output.write(frame(shown));
    }, end.signal);
  } finally {
    close();
  }
}

/** Each second until the signal, which rejects. */
async function repeat(step: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await step();
    await pause(intervalMs, undefined, { signal });
  }
}

interface Shown {
  readonly by: TopOrder;
  readonly figures: StatisticsSnapshot;
  readonly rows: readonly TopRow[];
}

async function asked(
  client: AdminClient,
  { by, limit }: { readonly by: TopOrder; readonly limit: number },
  signal?: AbortSignal,
): Promise<Shown> {
  const until = signal === undefined ? {} : { signal };
  const query = [
    ['by', by],
    ['limit', String(limit)],
  ] as const;
  const [figures, { rows }] = await Promise.all([
    client.object<StatisticsSnapshot>({ path: '/v1/stats', ...until }, isSnapshot),
    client.object<{ readonly rows: readonly TopRow[] }>({ path: '/v1/top', query, ...until }, isTop),
  ]);
  return { by, figures, rows };
}

function tableOf({ by, figures, rows }: Shown): string[] {
  const { requests, hitRatio, byteHitRatio, misses, memory } = figures;
  const head = [
    counted(requests, 'request'),
    `${percent(hitRatio)} hits`,
    `${percent(byteHitRatio)} of bytes`,
    counted(misses, 'miss', 'misses'),
    `${bytes(memory.bytesUsed)} of ${bytes(memory.bytesLimit)}`,
    `by ${by}`,
  ];
  const detailWidth = Math.max(usualDetailWidth, ...rows.map(({ lastDetail }) => lastDetail.length));
  return [
    head.join(', '),
    '',
    columns(['requests', 'hits', 'misses', 'bytes', 'detail', 'url'], detailWidth),
    ...rows.map((row) => {
      // What was counted before it was remembered is not known, only how much it was at most.
      const about = (order: TopOrder, value: string): string =>
        row.atMost !== undefined && by === order ? `>=${value}` : value;
      const counts = [
        about('requests', count(row.requests)),
        percent(row.requests === 0 ? 0 : row.hits / row.requests),
        about('misses', count(row.misses)),
        about('bytes', bytes(row.bytes)),
      ];
      return columns([...counts, row.lastDetail === '' ? '-' : row.lastDetail, row.url], detailWidth);
    }),
  ].map(printable);
}

const widths = [10, 8, 10, 11] as const;
const usualDetailWidth = 16;

function columns(texts: readonly string[], detailWidth: number): string {
  const [requests = '', hits = '', misses = '', size = '', detail = '', url = ''] = texts;
  const figures = [requests, hits, misses, size].map((text, at) => text.padStart(widths[at] ?? 0));
  return `${figures.join(' ')}  ${detail.padEnd(detailWidth)}  ${url}`;
}
