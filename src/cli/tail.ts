import { bytes, milliseconds } from '../admin/page/format.ts';
import type { TailRecord } from '../observe/statistics.ts';
import { AdminClient } from './admin-client.ts';
import { endOf, type LiveOutput } from './live-output.ts';
import { printable, printableJson } from './printable.ts';
import { isNumber, isText, objectWith } from './shape.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere tail`. */
export interface TailArguments {
  readonly filter?: readonly string[];
  readonly admin?: string;
  readonly json?: true;
}

const texts = [
  'method',
  'host',
  'url',
  'cache',
  'tier',
  'error',
  'reason',
  'end',
] as const satisfies readonly (keyof TailRecord)[];

/** What is shown of a record; a line without it is none. */
const isRecord = objectWith(
  { time: isText, status: isNumber },
  { ...Object.fromEntries(texts.map((name) => [name, isText])), bytes: isNumber, ms: isNumber, lost: isNumber },
);

/**
 * Prints a line for each request as it ends, until this is ended, nobody reads it, or that Etagere shuts down. Resolves with the exit code.
 * @throws UsageError and AdminError
 */
export async function tail(given: TailArguments, terminal: Terminal, output: LiveOutput): Promise<0> {
  const client = new AdminClient(given.admin, terminal.variables);
  const { signal } = endOf(terminal, output);
  const query = (given.filter ?? []).map((filter) => ['filter', filter] as const);
  try {
    for await (const record of client.lines<TailRecord>({ path: '/v1/tail', query, signal }, isRecord)) {
      if (record.lost !== undefined) {
        terminal.say(`etagere: ${record.lost} requests before this one were lost, as this was read too slowly`);
      }
      await output.write(`${given.json === true ? printableJson(record) : tailLine(record)}\n`);
      if (signal.aborted) return 0;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (!signal.aborted) terminal.say(`etagere: ${client.url} has ended the tail: it is shutting down`);
  return 0;
}

/** `12:57:08 200 GET example.com/time  hit; ttl=9  27 B  0.4 ms`; of a hit beneath memory, `hit; ttl=9  from disk`. */
function tailLine(record: TailRecord): string {
  const { time, status, method, host = '', url = '', cache = '', tier, error, reason, end } = record;
  const parts = [time.slice(11, 19), status === 0 ? '---' : String(status)];
  if (method === undefined) parts.push(`refused  ${error ?? ''}: ${reason ?? ''}`);
  else {
    parts.push(`${method} ${host}${url}  ${cache.replace(/^etagere; /, '')}`);
    if (tier !== undefined) parts.push(` from ${tier}`);
    parts.push(` ${bytes(record.bytes ?? 0)}  ${milliseconds(record.ms ?? 0)}`);
    if (error !== undefined) parts.push(` ${error}`);
    if (end !== undefined && end !== 'complete') parts.push(` ${end}`);
  }
  return printable(parts.join(' '));
}
