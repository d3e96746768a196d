import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsOf } from '../../src/http/fields.ts';
import { cacheKey } from '../../src/key/cache-key.ts';
import type { VariantKey } from '../../src/key/nominated-fields.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';

/** Something of everything. */
export const sample: StoredResponse = {
  key: cacheKey({ scheme: 'https', authority: 'shop.test', target: '/a?b=1' }),
  nominatedFields: ['accept-encoding', 'accept-language'],
  variant: 'accept-encoding-;accept-language=2:de;' as VariantKey,
  status: 200,
  fields: fieldsOf(['date', 'Sun, 22 Nov 2026 12:00:00 GMT'], ['etag', 'W/"\xfc"'], ['x-long', 'x'.repeat(300)]),
  dateValue: 1_795_348_800_000,
  responseTime: 12_345.678,
  correctedInitialAge: 7.5,
  freshness: { lifetime: 3_600, source: 's-maxage' },
  ended: 'outdated',
  alwaysValidate: false,
  immutable: true,
  closeDelimited: true,
  staleProhibited: false,
  staleWhileRevalidate: 60,
  staleIfError: 2 ** 31,
  entityTag: { weak: true, opaque: '"\xfc"', text: 'W/"\xfc"' },
  lastModified: 1_795_000_000_000,
  preconditions: fieldsOf(['if-none-match', 'W/"\xfc"']),
  groups: ['https:9:shop.test#one'],
  tags: ['product-7', 'front page'],
  search: {
    variation: { mode: 'except', names: new Set(['b']), keyOrderMatters: true },
    significant: '["/a",["b","1"]]',
  },
  extent: { first: 100, last: 199, length: 1_000 },
  generation: 42,
  serial: 4_711,
};

/** A record as that version of it was written. */
export function frozenRecord(version: number): Buffer {
  return frozen(`version-${version}`);
}

/** A sealed record as that version of the envelope was written, with `sample` in it. */
export function frozenSealed(version: number): Buffer {
  return frozen(`sealed-${version}`);
}

function frozen(name: string): Buffer {
  const path = join(import.meta.dirname, `../../fixtures/store-format/${name}.hex`);
  return Buffer.from(readFileSync(path, 'utf8').replaceAll('\n', ''), 'hex');
}
