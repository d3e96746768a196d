import { eachField, fieldsOf, hasField } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import { type CacheKey, cacheKey } from '../key/cache-key.ts';
import type { ExchangeTimes } from '../policy/age.ts';
import { shownValue } from '../http/shown-value.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import { tagFields } from '../policy/tags.ts';
import type { Store, StoreStats } from '../store/store.ts';
import type { Arriving } from './events.ts';
import { RecentKeys } from '../key/recent-keys.ts';

/** A response of the origin that did not go onto the shelf. */
export interface NotStored {
  readonly reason: NotStoredReason;
  /** With the fields that a cache decides by, and no others. */
  readonly response: ResponseHead;
  readonly times: ExchangeTimes;
  /** Whether nothing but the end of the connection told the length of the content. */
  readonly closeDelimited: boolean;
}

/** Fields that say whether a response may be stored, and for how long it is fresh. */
const decisive: ReadonlySet<string> = new Set([
  ...tagFields,
  'age',
  'cache-groups',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'no-vary-search',
  'pragma',
  'set-cookie',
  'vary',
]);

/** Of such a head and its key at most, in bytes; a longer one is forgotten as a whole, as half of it would be judged otherwise. */
const maxBytes = 4096;

/** On average: beyond it the oldest go, however few they are. */
const averageBytes = 1024;

/** What all together may take of the limit of the shelf: responses give way to them, and more of those are wanted than of reasons. */
const shelfShare = 1 / 64;

/** What a head takes beside its text, and each of its lines. Generously. */
const overheadBytes = 320;
const lineOverheadBytes = 64;

/** The memory of the shelf, as far as it is of use here. */
interface Memory extends Pick<Store, 'reserve' | 'release'> {
  stats(): Pick<StoreStats, 'bytesLimit'>;
}

/** A head, and what it takes without its key. */
interface Remembered extends NotStored {
  readonly bytes: number;
}

/**
 * Remembers why the last response for a key was not stored, for those who ask afterwards. Holds the most recent `maxHeads` of them, and of each only what a
 * cache decides by: no content, no request, and of a cookie that is set not its value. All of it counts against the limit of the shelf, of which it takes a 64th at most.
 */
export class NotStoredHeads {
  readonly #heads: RecentKeys<Remembered>;
  readonly #memory: Memory;

  constructor(maxHeads: number, memory: Memory) {
    this.#memory = memory;
    this.#heads = new RecentKeys({
      maxKeys: maxHeads,
      bytesPerKey: Math.min(averageBytes, (memory.stats().bytesLimit * shelfShare) / maxHeads),
      sizeOf: ({ bytes }) => bytes,
      onForget: ({ bytes }, key) => memory.release(key.length + bytes),
    });
  }

  /** Takes what `EngineEvents.notStored` tells. What says nothing of how the next GET or QUERY for the key will be answered is left out. */
  add(arriving: Arriving, reason: NotStoredReason): void {
    const { key, response, times, closeDelimited = false } = arriving;
    if (reason === 'superseded' || !isOfWhole(arriving)) return;
    this.#forget(key);
    const lines = [...eachField(response.fields)]
      .filter(([name]) => decisive.has(name) || name.endsWith('cache-control'))
      .map(([name, value]) => [name, name === 'set-cookie' ? shownValue(name, value) : value] as const);
    const text = lines.reduce((length, [name, value]) => length + name.length + value.length, 0);
    const bytes = overheadBytes + lines.length * lineOverheadBytes + text;
    if (key.length + bytes > maxBytes || !this.#memory.reserve(key.length + bytes)) return;
    const head = { status: response.status, fields: fieldsOf(...lines) };
    this.#heads.set(key, { reason, response: head, times, closeDelimited, bytes });
  }

  find(key: CacheKey): NotStored | undefined {
    return this.#heads.get(key);
  }

  #forget(key: CacheKey): void {
    const remembered = this.#heads.get(key);
    if (remembered === undefined) return;
    this.#heads.delete(key);
    this.#memory.release(key.length + remembered.bytes);
  }
}

/** Whether it answers, as a plain one would be answered, a request that the key alone tells: not for a part, and not to a precondition. */
function isOfWhole({ key, request, response }: Arriving): boolean {
  const isKeyed = request.method === 'GET' || (request.method === 'QUERY' && key !== cacheKey(request));
  if (!isKeyed || [304, 412, 416].includes(response.status)) return false;
  return response.status !== 206 || !hasField(request.fields, 'range');
}
