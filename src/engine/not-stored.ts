import { eachField, fieldsOf } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { ExchangeTimes } from '../policy/age.ts';
import type { NotStoredReason } from '../policy/decision.ts';
import { tagFields } from '../policy/tags.ts';
import type { Arriving } from './events.ts';

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

/** Characters of such a head that are kept at most; a longer one is forgotten as a whole, as half of it would be judged otherwise. */
const maxCharacters = 4096;

/**
 * Remembers why the last response for a key was not stored, for those who ask afterwards. Holds the most recent `maxHeads` of them, and of each only what a
 * cache decides by: no content, no request, and of a cookie that is set not its value.
 */
export class NotStoredHeads {
  readonly #heads = new Map<CacheKey, NotStored>();
  readonly #maxHeads: number;

  constructor(maxHeads: number) {
    this.#maxHeads = maxHeads;
  }

  /** Takes what `EngineEvents.notStored` tells. */
  add({ key, response, times, closeDelimited = false }: Arriving, reason: NotStoredReason): void {
    this.#heads.delete(key);
    const lines = [...eachField(response.fields)]
      .filter(([name]) => decisive.has(name) || name.endsWith('cache-control'))
      .map(([name, value]) => [name, name === 'set-cookie' ? value.replace(/=[^;]*/, '=') : value] as const);
    if (lines.flat().join('').length > maxCharacters) return;
    this.#heads.set(key, {
      reason,
      response: { status: response.status, fields: fieldsOf(...lines) },
      times,
      closeDelimited,
    });
    for (const oldest of this.#heads.keys()) {
      if (this.#heads.size <= this.#maxHeads) break;
      this.#heads.delete(oldest);
    }
  }

  find(key: CacheKey): NotStored | undefined {
    return this.#heads.get(key);
  }
}
