import type { PolicyConfig } from '../policy/config.ts';
import type { Update } from '../policy/freshen.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Releaser } from './audience.ts';

/** What a fill can't decide by itself. */
export interface FillOwner<Fill> extends Releaser {
  /** A full response is here. Returns what its client has to wait for, if it is answered by then: that others know what it has changed. Never rejects. */
  responded(fill: Fill, update: Update, policy: PolicyConfig): Promise<unknown> | undefined;
  /** A 304 has confirmed the stored response that it validates, and may say something of others (RFC 9111 §4.3.4). */
  confirmed(fill: Fill, update: Update, policy: PolicyConfig): void;
  /** The response is on its way to the shelf, and may answer others. */
  shared(fill: Fill): void;
  /** Whether another has the same on its way to the shelf, and shares it no more. */
  isOnItsWay(stored: StoredResponse): boolean;
  /** Followers have waited for a response that can't be shared. */
  unshareable(fill: Fill): void;
  ended(fill: Fill): void;
}
