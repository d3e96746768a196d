import type { Clock } from '../engine/clock.ts';
import type { Limits } from '../engine/limits.ts';
import type { Operations } from '../engine/operations.ts';
import type { OrderEvents } from '../engine/orders.ts';
import type { RequestHead } from '../http/message.ts';
import type { Statistics } from '../observe/statistics.ts';

/** Whether requests should be sent here. */
export interface Readiness {
  /** Being shut down: what is under way is finished, and nothing new is wanted. */
  readonly draining: boolean;
  /** Each origin; one whose health nobody has looked at is not known to be down. */
  readonly origins: readonly { readonly name: string; readonly down: boolean }[];
  /** Whether the shelf beneath memory can be used; undefined where there is none. */
  readonly storeUp?: boolean | undefined;
}

/** What became of reading the configuration anew. */
export type ReloadOutcome =
  /** It is in force. */
  | {
      readonly kind: 'reloaded';
      /** What is different from before, by the names of the file. */
      readonly changed: readonly string[];
      readonly warnings: readonly string[];
    }
  /** It has mistakes, and the old one is still in force. */
  | { readonly kind: 'refused'; readonly problem: string };

/** What the admin API stands on. An ability that is absent is answered by ADMIN_UNAVAILABLE. */
export interface AdminParts {
  readonly clock: Clock;
  /** Of the listener for clients: what it would refuse can not be explained. */
  readonly limits: Limits;
  readonly readiness: () => Readiness;
  readonly operations?: Operations;
  readonly statistics?: Statistics;
  /** The page for Prometheus, in its text format 0.0.4. */
  readonly metrics?: () => Promise<string>;
  /** Why that request, which has passed the gate, would be answered as it would, as JSON. */
  readonly explain?: (request: RequestHead) => Promise<object>;
  /** The configuration in force, as JSON, with secrets taken out. */
  readonly config?: () => object;
  readonly reload?: () => Promise<ReloadOutcome>;
  /** The names of the routes in force; absent: they are not known. */
  readonly routes?: () => readonly string[];
  /** Is told of every order, also of those that are refused; absent: nobody. */
  readonly orders?: OrderEvents;
}
