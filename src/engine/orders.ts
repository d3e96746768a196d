import type { ErrorCode } from '../errors.ts';
import type { Peer } from './exchange.ts';
import type { PurgeMode, PurgeReceipt, Selection } from './operations.ts';

/** What an operator has asked to be changed. */
export type Order =
  /** `asked` is absent where whoever ordered it may not, and so nobody read what it was. */
  | { readonly kind: 'purge'; readonly asked?: { readonly selection: Selection; readonly mode: PurgeMode } }
  | { readonly kind: 'reload' };

export type OrderOutcome =
  | { readonly kind: 'purged'; readonly receipt: PurgeReceipt }
  /** `changed` has the settings that are different from before, by the names of the file. */
  | { readonly kind: 'reloaded'; readonly changed: readonly string[] }
  | { readonly kind: 'refused'; readonly error: ErrorCode };

/** Who has given it: a client, a signal, or the program that has the cache within it. */
export type OrderSource = Peer | 'SIGHUP' | 'program';

/** An order and what became of it: who changed what is served has to be known afterwards. */
export interface OrderRecord {
  readonly order: Order;
  readonly outcome: OrderOutcome;
  readonly from: OrderSource;
  readonly durationMs: number;
}

/** Is told of every order that has ended. */
export interface OrderEvents {
  orderEnded(record: OrderRecord): void;
}
