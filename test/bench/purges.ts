import { freePort } from '../free-port.ts';
import { markdownTable } from '../markdown-table.ts';
import type { Contestant } from './contestants.ts';
import { fill } from './filling.ts';
import { shelf } from './memory-weight.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { median, percentile } from './statistics.ts';
import { attempted } from './trouble.ts';

/** What the origin tags by the last digits of its number: a thousandth of all has a tag. */
const prefix = '/tagged/';
const aMillion = 1_000_000;
const few = 2_000;

/** Purges of one kind, one after the other. */
interface Kind {
  readonly what: string;
  readonly times: number;
  /** Of the body of `POST /v1/purge`. */
  readonly selection: (url: string, turn: number) => Readonly<Record<string, string | true>>;
  readonly mode?: 'soft' | 'hard';
}

const kinds: readonly Kind[] = [
  { what: 'a URL', times: 200, selection: (url, turn) => ({ url: `${url}${prefix}${turn + 1}` }) },
  { what: 'a tag', times: 200, selection: (_, turn) => ({ tag: `last-${turn + 100}` }) },
  { what: 'a prefix', times: 50, selection: (url, turn) => ({ prefix: `${url}${prefix}${turn + 100}` }) },
  { what: 'a host', times: 5, selection: (url) => ({ host: new URL(url).host }) },
  { what: 'everything', times: 5, selection: () => ({ all: true }) },
  { what: 'a URL, hard', times: 200, mode: 'hard', selection: (url, turn) => ({ url: `${url}${prefix}${turn + 1}` }) },
  { what: 'a tag, hard', times: 200, mode: 'hard', selection: (_, turn) => ({ tag: `last-${turn + 100}` }) },
  { what: 'everything, hard', times: 1, mode: 'hard', selection: () => ({ all: true }) },
];

/** How long purges of a full shelf take. Of Etagere only: the others' are not told when they are in force. */
export async function purgeSection(contestants: readonly Contestant[], stage: Stage): Promise<Section> {
  const rows: (readonly string[])[] = [];
  let troubles = 0;
  for (const contestant of contestants) {
    const { value, trouble } = await attempted(contestant.name, () => receiptsOf(contestant, stage));
    if (trouble !== undefined) troubles += 1;
    rows.push(...(value ?? [[contestant.name, trouble ?? '']]));
  }
  const text = `A shelf at \`--memory ${shelf}\`, asked over the admin API. A purge is in force before it is done: from then on nothing that it matches is served without validation.

${markdownTable(['server', 'purge of', 'times', 'matched', 'in force after ms, p50', 'p99', 'receipt after ms, p50', 'p99'], rows)}`;
  return { name: 'purge', title: 'Purges of a large shelf', text, troubles };
}

async function receiptsOf(contestant: Contestant, { origin, ground, quick }: Stage): Promise<readonly string[][]> {
  const port = await freePort();
  const ownFlags = ['--memory', shelf, '--admin', `127.0.0.1:${port}`];
  const server = await contestant.start({ ...ground, ownFlags }, 'plain');
  try {
    const stored = await fill(server, origin, { prefix, objects: quick ? few : aMillion, seconds: quick ? 1 : 5 });
    const rows: string[][] = [];
    for (const { what, times, selection, mode = 'soft' } of kinds) {
      const receipts: Receipt[] = [];
      for (let turn = 0; turn < (quick ? 1 : times); turn++) {
        receipts.push(await purged(port, { ...selection(server.url, turn), mode }));
      }
      rows.push([`${contestant.name}, ${stored} responses`, what, String(receipts.length), ...figures(receipts)]);
    }
    return rows;
  } finally {
    await server.stop();
  }
}

/** What a receipt says, and how long it took. */
export interface Receipt {
  readonly matched: number;
  readonly inForceMs: number;
  /** The same of the others who share the shelf. */
  readonly others: readonly number[];
  /** Until the receipt was here. */
  readonly waitedMs: number;
}

/** Has Etagere purge, over its admin API there. Rejects where it is refused. */
export async function purged(port: number, body: Readonly<Record<string, unknown>>): Promise<Receipt> {
  const began = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/v1/purge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const waitedMs = performance.now() - began;
  if (answer.status !== 200) throw new Error(`a purge was answered ${answer.status}: ${text}`);
  const { matched, acknowledged } = JSON.parse(text) as { matched: number; acknowledged: { inForceMs: number }[] };
  const [inForceMs = Number.NaN, ...others] = acknowledged.map((each) => each.inForceMs);
  return { matched, inForceMs, others, waitedMs };
}

function figures(receipts: readonly Receipt[]): readonly string[] {
  return [
    String(median(receipts.map(({ matched }) => matched))),
    ...medianAndTail(receipts.map(({ inForceMs }) => inForceMs)),
    ...medianAndTail(receipts.map(({ waitedMs }) => waitedMs)),
  ];
}

/** As text: milliseconds. */
export function medianAndTail(ms: readonly number[]): readonly string[] {
  return [median(ms), percentile(ms, 99)].map((value) => value.toFixed(2));
}
