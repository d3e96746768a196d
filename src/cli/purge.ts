import { UsageError } from '../config/usage-error.ts';
import { count, counted, milliseconds } from '../admin/page/format.ts';
import type { PurgeOrder } from '../admin/purge-order.ts';
import type { PurgePreview, PurgeReceipt } from '../engine/operations.ts';
import { AdminClient } from './admin-client.ts';
import { printable, printableJson } from './printable.ts';
import { isNumber, isText, listOf, objectWith } from './shape.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere purge`. */
export interface PurgeArguments extends Omit<PurgeOrder, 'mode'> {
  readonly hard?: true;
  readonly dryRun?: true;
  readonly admin?: string;
  readonly json?: true;
}

/** Where nothing matched: what was most likely meant. */
interface Hinted {
  readonly hint?: string;
}

const isPreview = objectWith({ matched: isNumber, sample: listOf(isText) }, { hint: isText });

const isReceipt = objectWith(
  {
    matched: isNumber,
    stale: isNumber,
    removed: isNumber,
    fillsDoomed: isNumber,
    acknowledged: listOf(objectWith({ instance: isText, inForceMs: isNumber }, { ms: isNumber })),
  },
  { unheard: listOf(isText), hint: isText },
);

/**
 * Purges, or says what that would match, on stdout. Resolves with the exit code.
 * @throws UsageError and AdminError
 */
export async function purge(given: PurgeArguments, terminal: Terminal): Promise<0> {
  const selection = selectionOf(given);
  const client = new AdminClient(given.admin, terminal.variables);
  if (given.dryRun === true) {
    const preview = await client.object<PurgePreview & Hinted>(
      { path: '/v1/purge/preview', body: selection },
      isPreview,
    );
    terminal.print(given.json === true ? `${printableJson(preview, 2)}\n` : previewText(preview));
    return 0;
  }
  const body = { ...selection, mode: given.hard === true ? 'hard' : 'soft' };
  const receipt = await client.object<PurgeReceipt & Hinted>({ path: '/v1/purge', body }, isReceipt);
  terminal.print(given.json === true ? `${printableJson(receipt, 2)}\n` : receiptText(receipt));
  return 0;
}

const choices = 'a URL, --prefix URL, --host HOST, --tag TAG, --entry ID or --all';

/** @throws UsageError unless exactly one thing is named */
function selectionOf({ url, entry, prefix, host, tag, all }: PurgeArguments): Readonly<Record<string, string | true>> {
  const named = Object.entries({ url, entry, prefix, host, tag, all }).filter(([, value]) => value !== undefined);
  const [first, second] = named;
  if (first === undefined) throw new UsageError('nothing is named that could be purged', `give it ${choices}`);
  if (second !== undefined) {
    const [one, other] = [first, second].map(([name]) => (name === 'url' ? 'a URL' : `--${name}`));
    throw new UsageError(`there are both ${one} and ${other}`, `purge one after the other: ${choices}`);
  }
  const [name, value] = first;
  if (typeof value === 'string' && (name === 'url' || name === 'prefix')) refuseRelative(name, value);
  return { [name]: value ?? true };
}

function refuseRelative(name: 'url' | 'prefix', text: string): void {
  if (/^https?:\/\//i.test(text)) return;
  const advice = /^[a-z0-9.:[\]-]+(?:\/|$)/i.test(text) ? `http://${text}` : 'http://localhost:8080/a';
  throw new UsageError(
    `${name === 'url' ? name : `--${name}`}: "${printable(text)}" has no scheme`,
    `write something like ${printable(advice)}`,
  );
}

function previewText({ matched, sample, hint }: PurgePreview & Hinted): string {
  const lines = [`${responses(matched)} would match; nothing was done`, ...sample.map((url) => `  ${printable(url)}`)];
  const more = matched - sample.length;
  if (more > 0) lines.push(`  and ${count(more)} more`);
  lines.push(...hintLines(hint));
  return `${lines.join('\n')}\n`;
}

function receiptText(receipt: PurgeReceipt & Hinted): string {
  const { matched, stale, removed, fillsDoomed, acknowledged, unheard = [], hint } = receipt;
  const who = acknowledged.map(({ instance, inForceMs, ms }) => {
    const inForce = `${printable(instance)}, in force after ${milliseconds(inForceMs)}`;
    return ms === undefined ? inForce : `${inForce}, done after ${milliseconds(ms)}`;
  });
  return [
    `matched       ${responses(matched)}`,
    `made stale    ${count(stale)}${stale > 0 ? ', validated before their next use' : ''}`,
    `removed       ${count(removed)}`,
    `fills doomed  ${count(fillsDoomed)}${fillsDoomed > 0 ? ', whose responses are not stored' : ''}`,
    `acknowledged  ${who.length === 0 ? 'by nobody' : `by ${who.join('; ')}`}`,
    ...(unheard.length === 0
      ? []
      : [`unheard       ${unheard.map(printable).join(', ')}; in force there when reached`]),
    ...hintLines(hint),
    '',
  ].join('\n');
}

function hintLines(hint: string | undefined): string[] {
  return hint === undefined ? [] : [`hint          ${printable(hint)}`];
}

function responses(matched: number): string {
  return counted(matched, 'stored response');
}
