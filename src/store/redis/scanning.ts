import type { BackingPage, Lying } from '../backing.ts';
import { listOf, type RowParts, readRecords, textOf } from './rows.ts';

/** Turns of SCAN for one page: most keys are those of pieces, where there is large content. */
const maxTurns = 16;

/** Keys that a server looks at in one turn: most of them may be others'. */
const keysAtOnce = 1000;

/** The variant behind which none comes. */
const lastVariant = 'f'.repeat(16);

/** Where a listing is: at which server, where in its keys, and behind which record of those that come next (`rankOf`). */
interface Position {
  readonly server: number;
  readonly cursor: string;
  readonly after: string;
}

interface Page {
  readonly limit: number;
  readonly lying: Lying[];
}

const start: Position = { server: 0, cursor: '0', after: '' };

/** Some of the records, in the order of SCAN. @throws where a server can't tell within its time. */
export async function scanRows(parts: RowParts, cursor: string | undefined, limit: number): Promise<BackingPage> {
  const page: Page = { limit, lying: [] };
  let position = cursor === undefined ? start : positionOf(cursor);
  for (let turn = 0; turn < maxTurns && position !== undefined && page.lying.length < limit; turn++) {
    position = await scanTurn(parts, position, page);
  }
  return { lying: page.lying, cursor: position === undefined ? undefined : textOfPosition(position) };
}

/** Adds what the next turn has, as far as there is room; where to go on. */
async function scanTurn(parts: RowParts, position: Position, page: Page): Promise<Position | undefined> {
  const { servers, keys, limits } = parts;
  const server = servers.all()[position.server];
  if (server === undefined) return undefined;
  const command = ['SCAN', position.cursor, 'MATCH', keys.rows, 'COUNT', String(keysAtOnce), 'TYPE', 'hash'];
  const [next, matching] = listOf(await server.call(command, { ms: limits.workMs }));
  const found = new Set(listOf(matching).flatMap((key) => keys.rowOf(textOf(key) ?? '') ?? []));
  const rows = [...found].filter((row) => row + lastVariant > position.after).toSorted();
  const room = 2 * page.limit - page.lying.length;
  const read = rows.slice(0, room);
  const records = (await Promise.all(read.map((row) => recordsOf(parts, row)))).flat();
  const rest = records.filter((record) => rankOf(record) > position.after).toSorted(byRank);
  page.lying.push(...rest.slice(0, room));
  const last = rest[room - 1];
  // The same turn again, for the rest: whatever comes and goes meanwhile, what stays is there then.
  if (rest.length > room && last !== undefined) return { ...position, after: rankOf(last) };
  if (rows.length > read.length) return { ...position, after: `${read.at(-1) ?? ''}${lastVariant}` };
  const cursor = textOf(next) ?? '0';
  if (cursor !== '0') return { ...position, cursor, after: '' };
  return position.server + 1 < servers.all().length ? { ...start, server: position.server + 1 } : undefined;
}

async function recordsOf(parts: RowParts, row: string): Promise<readonly Lying[]> {
  return (await readRecords(parts, { row, which: 'heads', ms: parts.limits.workMs })).lying;
}

function byRank(one: Lying, other: Lying): number {
  return rankOf(one) < rankOf(other) ? -1 : 1;
}

/** The order within a turn. */
function rankOf({ place }: Lying): string {
  return place.row + place.variant;
}

function textOfPosition({ server, cursor, after }: Position): string {
  return `${server}.${cursor}.${after}`;
}

function positionOf(text: string): Position | undefined {
  const [, server, cursor = '', after = ''] = /^(\d{1,4})\.(\d{1,20})\.([0-9a-f]{48}|)$/.exec(text) ?? [];
  return server === undefined ? undefined : { server: Number(server), cursor, after };
}
