import type { PurgeMode, PurgePreview, PurgeReceipt, Selection } from '../engine/operations.ts';
import { EtagereError } from '../errors.ts';
import { urlOfTarget } from '../key/target-uri.ts';
import type { Endpoint } from './endpoint.ts';
import { ordered } from './ordered.ts';
import { provided } from './provided.ts';
import { purgeHint } from './purge-hint.ts';
import { refTo } from './schema.ts';
import { parseHost, parseTargetUri } from './target-uri.ts';

/** What the schemas Selection and Purge let pass. */
interface PurgeBody {
  readonly url?: string;
  readonly entry?: string;
  readonly prefix?: string;
  readonly host?: string;
  readonly tag?: string;
  readonly all?: true;
  readonly mode?: PurgeMode;
}

/**
 * What a body selects, its URLs in the form of a key.
 * @throws EtagereError ADMIN_REQUEST_INVALID
 */
function selectionOf({ url, entry, prefix, host, tag }: PurgeBody): Selection {
  if (url !== undefined) return { kind: 'url', url: urlOfTarget(parseTargetUri(url, 'url')) };
  if (entry !== undefined) return { kind: 'entry', id: entry };
  if (prefix !== undefined) return { kind: 'prefix', prefix: urlOfTarget(parseTargetUri(prefix, 'prefix')) };
  if (host !== undefined) return { kind: 'host', host: parseHost(host) };
  return tag === undefined ? { kind: 'all' } : { kind: 'tag', tag };
}

function withHint<Told extends PurgeReceipt | PurgePreview>(selection: Selection, told: Told): Told {
  const hint = purgeHint(selection, told.matched);
  return hint === undefined ? told : { ...told, hint };
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
      const { mode = 'soft', ...body } = call.body as PurgeBody;
      const operations = provided(call.parts.operations, 'purging');
      const selection = selectionOf(body);
      const { receipt } = await ordered(call, { kind: 'purge', asked: { selection, mode } }, async () => {
        const done = await operations.purge(selection, mode);
        if (selection.kind === 'entry' && done.matched === 0)
          throw new EtagereError('ADMIN_ENTRY_UNKNOWN', 'no stored response has that id now: GET /v1/entries has all');
        return { kind: 'purged', receipt: done };
      });
      return { kind: 'json', value: withHint(selection, receipt) };
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
      const selection = selectionOf(body as PurgeBody);
      return { kind: 'json', value: withHint(selection, await operations.preview(selection)) };
    },
  },
];
