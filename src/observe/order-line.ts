import { styleText } from 'node:util';
import type { Order, OrderRecord } from '../engine/orders.ts';
import type { PurgeReceipt, Selection } from '../engine/operations.ts';
import { assertNever, type EpochMs } from '../http/message.ts';
import { redactedTarget } from '../http/redaction.ts';
import { rounded } from './log-line.ts';

/** `warn` where it was refused: somebody tried, and it was not done. */
export function orderLevel({ outcome }: OrderRecord): 'info' | 'warn' {
  return outcome.kind === 'refused' ? 'warn' : 'info';
}

/** The fields of the JSON line for an order of an operator, besides `level` and `time`; documented in docs/configuration.md. */
export function orderFields({ order, outcome, from, durationMs }: OrderRecord): Record<string, unknown> {
  const became = {
    ...(outcome.kind === 'purged' ? purgedFields(outcome.receipt) : {}),
    ...(outcome.kind === 'reloaded' ? { changed: outcome.changed } : {}),
    ...(outcome.kind === 'refused' ? { error: outcome.error } : {}),
  };
  const source = typeof from === 'object' ? { client: from.address } : from === 'SIGHUP' ? { signal: from } : { from };
  return { admin: order.kind, ...askedFields(order), ...source, ...became, ms: rounded(durationMs) };
}

function purgedFields({ matched, fillsDoomed, unheard }: PurgeReceipt): Record<string, unknown> {
  return { matched, doomed: fillsDoomed, ...(unheard === undefined ? {} : { unheard }) };
}

/** `12:57:08 purge {"tag":"news"} soft, from 127.0.0.1  matched 2, doomed 0  1.2 ms`. */
export function prettyOrder({ order, outcome, from, durationMs }: OrderRecord, wall: EpochMs): string {
  const time = styleText('gray', new Date(wall).toISOString().slice(11, 19));
  const ms = styleText('gray', `${rounded(durationMs)} ms`);
  const source = typeof from === 'object' ? `from ${from.address}` : `by ${from === 'SIGHUP' ? from : 'the program'}`;
  return `${time} ${orderText(order)}, ${source}  ${outcomeText(outcome)}  ${ms}\n`;
}

function orderText(order: Order): string {
  if (order.kind === 'reload' || order.asked === undefined) return order.kind;
  const { selection, mode } = order.asked;
  return `purge ${asciiJson(selectionFields(selection))} ${mode}`;
}

/** JSON in which nothing is a command to a terminal, or the end of a line. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function outcomeText(outcome: OrderRecord['outcome']): string {
  switch (outcome.kind) {
    case 'purged':
      return purgedText(outcome.receipt);
    case 'reloaded':
      return styleText(
        'green',
        outcome.changed.length === 0 ? 'nothing changed' : `changed ${outcome.changed.join(', ')}`,
      );
    case 'refused':
      return styleText('red', outcome.error);
    default:
      return assertNever(outcome);
  }
}

function purgedText({ matched, fillsDoomed, unheard }: PurgeReceipt): string {
  const done = styleText('green', `matched ${matched}, doomed ${fillsDoomed}`);
  return unheard === undefined ? done : `${done} ${styleText('yellow', `unheard ${unheard.join(', ')}`)}`;
}

function askedFields(order: Order): { readonly selection?: object; readonly mode?: string } {
  if (order.kind === 'reload' || order.asked === undefined) return {};
  const { selection, mode } = order.asked;
  return { selection: selectionFields(selection), mode };
}

/** The selection as the body of a purge has it, without secrets in its URLs. */
function selectionFields(selection: Selection): Readonly<Record<string, string | true>> {
  switch (selection.kind) {
    case 'url':
      return { url: redactedTarget(selection.url) };
    case 'prefix':
      return { prefix: redactedTarget(selection.prefix) };
    case 'entry':
      return { entry: selection.id };
    case 'host':
      return { host: selection.host };
    case 'tag':
      return { tag: selection.tag };
    case 'all':
      return { all: true };
    default:
      return assertNever(selection);
  }
}
