import type { PurgePreview, PurgeReceipt, Selection } from '../engine/operations.ts';
import { EtagereError } from '../errors.ts';
import type { LowerKind } from '../store/lower-stats.ts';
import type { Endpoint } from './endpoint.ts';
import { ordered } from './ordered.ts';
import type { AdminParts } from './parts.ts';
import { provided } from './provided.ts';
import { type PurgeOrder, selectionOf } from './purge-order.ts';
import { purgeHint } from './purge-hint.ts';
import { refTo } from './schema.ts';

function withHint<Told extends PurgeReceipt | PurgePreview>(
  selection: Selection,
  told: Told,
  uncounted?: LowerKind,
): Told {
  const hint = purgeHint(selection, told.matched, uncounted);
  return hint === undefined ? told : { ...told, hint };
}

/** The shelf beneath memory, if there is one, where what was purged on it may be missing in the receipt. */
async function uncountedOf({ statistics }: AdminParts, { matched }: PurgeReceipt): Promise<LowerKind | undefined> {
  return matched > 0 ? undefined : (await statistics?.snapshot())?.store?.kind;
}

export const purging: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/v1/purge',
    name: 'purge',
    summary: 'Purge what is stored, soft unless said',
    access: 'guarded',
    body: 'Purge',
    orders: 'purge',
    answer: { description: 'What was done.', contentType: 'application/json', schema: refTo('Receipt') },
    run: async (call) => {
      const { mode = 'soft', ...body } = call.body as PurgeOrder;
      const operations = provided(call.parts.operations, 'purging');
      const selection = selectionOf(body);
      const { receipt } = await ordered(call, { kind: 'purge', asked: { selection, mode } }, async () => {
        const done = await operations.purge(selection, mode);
        if (selection.kind === 'entry' && done.matched === 0)
          throw new EtagereError('ADMIN_ENTRY_UNKNOWN', 'no stored response has that id now: GET /v1/entries has all');
        return { kind: 'purged', receipt: done };
      });
      return { kind: 'json', value: withHint(selection, receipt, await uncountedOf(call.parts, receipt)) };
    },
  },
  {
    method: 'POST',
    path: '/v1/purge/preview',
    name: 'previewPurge',
    summary: 'What a purge would match, without doing it',
    access: 'guarded',
    body: 'Selection',
    answer: { description: 'What it would match.', contentType: 'application/json', schema: refTo('Preview') },
    run: async ({ parts, body }) => {
      const operations = provided(parts.operations, 'purging');
      const selection = selectionOf(body as PurgeOrder);
      return { kind: 'json', value: withHint(selection, await operations.preview(selection)) };
    },
  },
];
