import { type ErrorCode, errorTable } from '../errors.ts';
import { forwardReasons } from '../http/cache-status.ts';
import type { TailRecord } from '../observe/statistics.ts';
import { errorDetail, localDetails, notStorableReasons, reuseDetails, storeReasons } from '../policy/decision.ts';

/** All that a record can have under a name, where that is a closed list of words. */
export type TailWords = Partial<Readonly<Record<keyof TailRecord, readonly string[]>>>;

const errorCodes = Object.keys(errorTable) as ErrorCode[];

const details: readonly string[] = [
  ...notStorableReasons,
  ...storeReasons,
  ...reuseDetails,
  ...localDetails,
  ...errorCodes.map(errorDetail),
];

/** Those of any cache, and the names of the routes of this one; undefined: they are not known. */
export function tailWords(routes: readonly string[] | undefined): TailWords {
  const fixed = { fwd: forwardReasons, detail: details, error: errorCodes };
  return routes === undefined ? fixed : { ...fixed, route: routes };
}
