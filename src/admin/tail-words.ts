import type { Rest } from '../engine/events.ts';
import { type ErrorCode, errorTable } from '../errors.ts';
import { forwardReasons } from '../http/cache-status.ts';
import type { TailRecord } from '../observe/statistics.ts';
import { errorDetail, localDetails, notStorableReasons, reuseDetails, storeReasons } from '../policy/decision.ts';
import type { LowerKind } from '../store/lower-stats.ts';

/** All that a record can have under a name, where that is a closed list of words. */
export type TailWords = Partial<Readonly<Record<keyof TailRecord, readonly string[]>>>;

const errorCodes = Object.keys(errorTable) as ErrorCode[];

/** Where a hit can be found, if not in memory. */
export const tiersBeneath: readonly LowerKind[] = ['disk', 'redis'];

/** What can become of the rest of content that the shelf could not give to its end. */
const rests: Readonly<Record<Rest, true>> = {
  'from-origin': true,
  'not-resumable': true,
  'only-if-cached': true,
  changed: true,
  'origin-failed': true,
};

const details: readonly string[] = [
  ...notStorableReasons,
  ...storeReasons,
  ...reuseDetails,
  ...localDetails,
  ...errorCodes.map(errorDetail),
];

/** Those of any cache, and the names of the routes of this one; undefined: they are not known. */
export function tailWords(routes: readonly string[] | undefined): TailWords {
  const fixed = {
    fwd: forwardReasons,
    detail: details,
    tier: tiersBeneath,
    error: errorCodes,
    rest: Object.keys(rests),
  };
  return routes === undefined ? fixed : { ...fixed, route: routes };
}
