import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../src/http/message.ts';
import { currentAge, isReusable, remainingLifetime } from '../../src/policy/age.ts';
import { presets } from '../../src/policy/config.ts';
import { decideReuse } from '../../src/policy/reuse.ts';
import { mayServeOnError, mayServeWhileRevalidating, mayServeThoughStale } from '../../src/policy/stale.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { ourStorability, requestHead } from '../differential/answers.ts';
import { scenarios } from '../differential/generator.ts';
import { has, type Scenario } from '../differential/scenario.ts';

/** From before the response to long after, most of it where lifetimes of the scenarios end. */
const sinceResponse = fc.oneof(
  fc.integer({ min: -100_000, max: 200_000 }),
  fc.constantFrom(0, 4_999, 5_000, 5_001, 59_999, 60_000, 60_001, 65_000, 3_600_000, 4_000_000_000),
);

/** Runs a property of whatever is stored, at two moments of which the first is not the later. */
function assertStored(property: (stored: StoredResponse, times: readonly [EpochMs, EpochMs], told: Scenario) => void) {
  let stored = 0;
  fc.assert(
    fc.property(scenarios, sinceResponse, sinceResponse, (scenario, a, b) => {
      const judged = ourStorability(scenario);
      if (!judged.storable) return;
      stored++;
      const { responseTime } = judged.stored;
      property(judged.stored, [responseTime + Math.min(a, b), responseTime + Math.max(a, b)], scenario);
    }),
    { numRuns: 1_000 },
  );
  expect(stored).toBeGreaterThan(200);
}

/** Fresh, or stale and validated meanwhile. */
const withoutWaiting = (stored: StoredResponse, now: EpochMs): boolean =>
  isReusable(stored, now) || mayServeWhileRevalidating(stored, now);

describe('as time goes by', () => {
  it('the age never falls and is never negative', () => {
    assertStored((stored, [earlier, later]) => {
      expect(currentAge(stored, earlier)).toBeGreaterThanOrEqual(0);
      expect(currentAge(stored, later)).toBeGreaterThanOrEqual(currentAge(stored, earlier));
    });
  });

  it('what is left of the lifetime never grows', () => {
    assertStored((stored, [earlier, later]) => {
      expect(remainingLifetime(stored, later)).toBeLessThanOrEqual(remainingLifetime(stored, earlier));
      expect(remainingLifetime(stored, later)).toBeLessThanOrEqual(stored.freshness.lifetime);
    });
  });

  it('what is stale stays stale', () => {
    assertStored((stored, [earlier, later]) => {
      expect(isReusable(stored, earlier) || !isReusable(stored, later)).toBe(true);
    });
  });

  it('a request that is not answered from the shelf is not answered from it later', () => {
    let answered = 0;
    assertStored((stored, [earlier, later], { presented, preset }) => {
      const kindAt = (now: EpochMs): string =>
        decideReuse(
          { request: requestHead(presented), hasContent: presented.hasContent, candidates: [stored], now },
          presets[preset],
        ).kind;
      if (kindAt(later) !== 'reuse') return;
      answered++;
      expect(kindAt(earlier)).toBe('reuse');
    });
    expect(answered).toBeGreaterThan(10);
  });

  it('the windows for stale responses close and never open', () => {
    assertStored((stored, [earlier, later]) => {
      for (const mayServe of [mayServeOnError, withoutWaiting]) {
        expect(mayServe(stored, earlier) || !mayServe(stored, later)).toBe(true);
      }
    });
  });
});

describe('the windows for stale responses', () => {
  it('hold all that a shorter one holds', () => {
    fc.assert(
      fc.property(scenarios, sinceResponse, fc.nat(5_000), fc.nat(5_000), (scenario, since, a, b) => {
        const judged = ourStorability(scenario);
        if (!judged.storable) return;
        const now = judged.stored.responseTime + since;
        const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
        expect(
          mayServeThoughStale(judged.stored, longer, now) || !mayServeThoughStale(judged.stored, shorter, now),
        ).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are shut by every directive that forbids to serve stale, whoever asks', () => {
    let closed = 0;
    assertStored((stored, [, now], { response, presented, preset }) => {
      const control = response.targeted?.means ?? response.control;
      if (!has(control, 'must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache')) return;
      if (remainingLifetime(stored, now) > 0) return;
      closed++;
      expect(mayServeWhileRevalidating(stored, now)).toBe(false);
      expect(mayServeOnError(stored, now)).toBe(false);
      const asked = { request: requestHead(presented), hasContent: presented.hasContent, candidates: [stored], now };
      expect(decideReuse(asked, presets[preset]).kind).not.toBe('reuse');
    });
    expect(closed).toBeGreaterThan(20);
  });
});
