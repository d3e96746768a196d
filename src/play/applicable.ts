import { isDeepStrictEqual } from 'node:util';
import type { Fixture } from './fixture.ts';
import { defaultOptions } from './options.ts';

/** Why a fixture is not played on a cache elsewhere. */
export type Inapplicable =
  | 'needs a configuration of Etagere'
  | 'needs a clock that can be moved'
  | 'takes longer than the patience';

/**
 * Whether a fixture can be played on a cache elsewhere, which we can neither configure nor tell the time; the reason where it can't.
 * `patienceMs` is the longest that it may take.
 */
export function inapplicable(fixture: Fixture, patienceMs: number): Inapplicable | undefined {
  if (!isDeepStrictEqual(fixture.options, defaultOptions)) return 'needs a configuration of Etagere';
  const movesClock = fixture.steps.some(({ kind }) => kind === 'clock-jumps' || kind === 'origin-times-out');
  if (fixture.needsExactTime || movesClock) return 'needs a clock that can be moved';
  return durationMs(fixture) > patienceMs ? 'takes longer than the patience' : undefined;
}

/** How long a fixture takes where time passes by itself: up to its last `at`. Ages that the origin gives cost nothing. */
export function durationMs({ steps }: Fixture): number {
  return steps.reduce((longest, step) => (step.kind === 'at' ? Math.max(longest, step.atMs) : longest), 0);
}

/** Whether the origin refuses connections on the way: no other fixture can be played at the same origin meanwhile. */
export function needsOriginAlone({ steps }: Fixture): boolean {
  return steps.some(({ kind }) => kind === 'origin-refuses');
}
