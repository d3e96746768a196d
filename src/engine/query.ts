import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { fieldValue } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { type CacheKey, cacheKey, queryKey } from '../key/cache-key.ts';

/**
 * QUERY (RFC 10008): a safe request whose content says what is asked for, so that content and its type are part of the key. The content is read whole before
 * anything is decided, and so bounded: a longer one is forwarded as it is and its answer not stored.
 */
export type ReadQuery =
  | { readonly kind: 'keyed'; readonly key: CacheKey; readonly content: Buffer }
  | { readonly kind: 'too-long'; readonly content: Readable };

/** `reserve` counts what is held; where it refuses, the query is forwarded as it is. */
export async function readQuery(
  request: RequestHead,
  content: Readable | null,
  maxBytes: number,
  reserve: (bytes: number) => boolean,
): Promise<ReadQuery> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator: AsyncIterator<Buffer> | undefined = content?.[Symbol.asyncIterator]();
  for (let next = await iterator?.next(); next !== undefined && next.done !== true; next = await iterator?.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if ((bytes > maxBytes || !reserve(next.value.length)) && iterator !== undefined)
      return { kind: 'too-long', content: Readable.from(resumed(chunks, iterator)) };
  }
  const whole = Buffer.concat(chunks);
  return { kind: 'keyed', key: queryKey(cacheKey(request), digest(request, whole)), content: whole };
}

async function* resumed(chunks: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Of the content and of the fields that say how to read it. */
function digest(request: RequestHead, content: Buffer): string {
  const hash = createHash('sha256');
  for (const name of ['content-type', 'content-encoding', 'content-language']) {
    const value = fieldValue(request.fields, name);
    hash.update(value === undefined ? '-;' : `${value.length}:${value};`);
  }
  return hash.update(content).digest('base64url');
}
