import type { BackingStats } from './backing.ts';

/** What a shelf beneath memory says of itself. */
export interface LowerStats extends BackingStats {
  readonly kind: LowerKind;
  /** Records that were not what they said to be, since the start: taken for a miss, and away. */
  readonly damaged: number;
}

/** Where it keeps what is on it. */
export type LowerKind = 'disk' | 'redis';
