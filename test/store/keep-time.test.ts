import { describe, expect, it } from 'vitest';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { keepMs } from '../../src/store/keep-time.ts';
import { responseTo } from './shelved.ts';

const day = 24 * 60 * 60 * 1_000;
const validator = { entityTag: { weak: false, opaque: '"a"', text: '"a"' } };
const lifetime = (seconds: number): Partial<StoredResponse> => ({
  freshness: { lifetime: seconds, source: 'max-age' },
});

describe('a response is kept', () => {
  it.each<[string, Partial<StoredResponse>, number]>([
    ['for what is left of its lifetime', {}, 50_000],
    ['less what it was old when it came', { correctedInitialAge: 20 }, 30_000],
    ['and for the larger window in which it may be stale', { staleWhileRevalidate: 5, staleIfError: 100 }, 150_000],
    ['whichever that is', { staleWhileRevalidate: 200, staleIfError: 100 }, 250_000],
    ['a day longer where it has an entity-tag', validator, day + 50_000],
    ['or a date by which it can be validated', { lastModified: 0 }, day + 50_000],
    ['for a second at least', lifetime(0), 1_000],
    ['for a second where nothing can be told', { correctedInitialAge: Number.NaN }, 1_000],
    ['for thirty days at most', lifetime(Number.POSITIVE_INFINITY), 30 * day],
  ])('%s', (_what, part, ms) => {
    expect(keepMs({ ...responseTo('/a'), ...part }, 10_000)).toBe(ms);
  });
});
