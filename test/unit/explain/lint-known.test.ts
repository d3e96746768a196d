import { describe, expect, it } from 'vitest';
import type { Inspected } from '../../../src/explain/explain.ts';
import { lintKnown } from '../../../src/explain/lint-known.ts';
import { presets } from '../../../src/policy/config.ts';
import { after, answer, get, stored200, times } from '../policy/messages.ts';

const empty: Inspected = {
  key: { scheme: 'http', authority: 'shop.test', target: '/a' },
  candidates: [],
  now: after(10),
  fillInProgress: false,
  config: presets.safe,
  route: 'default',
};
const codes = (inspected: Inspected): string[] => lintKnown(inspected, get()).map(({ code }) => code);

describe('a linter of what a cache knows', () => {
  it('reads what is stored', () => {
    const stored = stored200(['cache-control', 'max-age=60'], ['age', '5'], ['vary', 'User-Agent']);
    // Its Age is none that the origin sends.
    expect(codes({ ...empty, candidates: [stored] })).toEqual(['vary-explodes', 'validator-missing']);
  });

  it('reads the last answer that was not stored, unless something was stored since', () => {
    const response = answer(200, ['cache-control', 'no-store, max-age=60'], ['etag', '"v1"']);
    const lastNotStored = { response, times };
    expect(codes({ ...empty, lastNotStored })).toEqual(['no-store-with-lifetime']);
    const newer = { ...stored200(['cache-control', 'max-age=60'], ['etag', '"v2"']), responseTime: after(1) };
    expect(codes({ ...empty, lastNotStored, candidates: [newer] })).toEqual([]);
  });

  it('has nothing to say of what it does not know', () => {
    expect(codes(empty)).toEqual([]);
  });
});
