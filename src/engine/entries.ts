import { eachField } from '../http/fields.ts';
import { formatHttpDate } from '../http/date.ts';
import type { EpochMs } from '../http/message.ts';
import { type Matches, pattern } from '../http/pattern.ts';
import { redactedTarget } from '../http/redaction.ts';
import { shownValue } from '../http/shown-value.ts';
import { type CacheKey, partsOf, targetKey } from '../key/cache-key.ts';
import { type VariantKey, variantValues } from '../key/nominated-fields.ts';
import { currentAge, isReusable, remainingLifetime } from '../policy/age.ts';
import type { Shelved } from '../store/store.ts';
import type { Entry } from './operations.ts';

/** A stored response for a person to read, without the secrets of those it was made for. `now` is steady time. */
export function entryOf(id: string, { stored, content }: Shelved, now: EpochMs): Entry {
  const { key, status, variant, entityTag, lastModified, tags, fields } = stored;
  const validator = entityTag?.text ?? (lastModified === undefined ? undefined : formatHttpDate(lastModified));
  return {
    id,
    url: shownUrl(key),
    method: key === targetKey(key) ? 'GET' : 'QUERY',
    status,
    variant: presentValues(variant),
    contentBytes: content.length,
    age: Math.floor(currentAge(stored, now)),
    ttl: Math.ceil(remainingLifetime(stored, now)),
    state: stored.ended === 'purged' ? 'purged' : isReusable(stored, now) ? 'fresh' : 'stale',
    ...(validator === undefined ? {} : { validator }),
    tags,
    fields: [...eachField(fields)].map(([name, value]) => [name, shownValue(name, value)] as const),
  };
}

/** What the request had of the fields that are nominated. */
function presentValues(variant: VariantKey): Readonly<Record<string, string>> {
  const present: Record<string, string> = {};
  for (const [name, value] of variantValues(variant)) if (value !== undefined) present[name] = shownValue(name, value);
  return present;
}

/** The URL of the target that a key is about, as it may be shown. */
export function shownUrl(key: CacheKey): string {
  return redactedTarget(urlOfKey(key));
}

/** The URL of the target that a key is about. */
export function urlOfKey(key: CacheKey): string {
  const { origin, target } = partsOf(targetKey(key));
  const [scheme = '', , ...authority] = origin.split(':');
  return `${scheme}://${authority.join(':')}${target}`;
}

/** What a list is narrowed to: a part of the URL, or with `*` a pattern for all of it; all URLs where nothing is said. */
export function matcherOf(match: string | undefined): Matches {
  if (match === undefined) return () => true;
  return match.includes('*') ? pattern(match) : (url) => url.includes(match);
}
