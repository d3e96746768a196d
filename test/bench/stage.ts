import type { Ground } from './contestants.ts';
import type { Origin } from './origin.ts';

/** Where and how long everything is measured. */
export interface Stage {
  readonly origin: Origin;
  readonly ground: Ground;
  readonly rounds: number;
  readonly seconds: number;
  /** Before each measurement. */
  readonly warmUpSeconds: number;
  /** Before the first one, when programs that compile themselves have most to do. */
  readonly firstWarmUpSeconds: number;
  /** Nothing is measured that means anything: small shelves, few requests. */
  readonly quick: boolean;
}
