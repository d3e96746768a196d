import { type Fields, noFields } from '../http/fields.ts';
import { assertNever } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { ForwardingConfig } from '../origin/forwarding.ts';
import type { Origin } from '../origin/origin.ts';
import type { Shelved } from '../store/store.ts';
import type { ArrivalParts, Completing } from './arrival.ts';
import type { EngineEvents } from './events.ts';
import type { ClientRequest } from './request.ts';
import type { Route } from './route.ts';

/** What a request to the origin is about, beside its own answer. */
export type Purpose =
  | { readonly kind: 'fetch' }
  /** The same, without the client's preconditions and range: the whole is needed to know what to answer. */
  | { readonly kind: 'fetch-whole' }
  /** Whether `shelved` is still good; it stands in where it may if the origin fails. */
  | { readonly kind: 'validate'; readonly shelved: Shelved }
  /** The bytes that a stored part lacks. */
  | ({ readonly kind: 'complete' } & Completing);

export interface FillPlan extends ClientRequest {
  readonly key: CacheKey;
  /** Where those who ask the same look for it while it is asking: the key of the stored response that it validates, which may be that of an equivalent target. */
  readonly commonKey: CacheKey;
  readonly purpose: Purpose;
  /** The fields that responses stored for this URI are known to nominate. */
  readonly nominatedFields: readonly string[];
  /** Whether others may wait for its head. */
  readonly collapsible: boolean;
  /** Whether an operator's rule has it go past the shelf: then nothing of it is stored. */
  readonly isBypassed: boolean;
  /** The name of the route of the request that caused it. */
  readonly route: string;
  /** Counts requests and fills alike: what has the smaller number came first. */
  readonly sequence: number;
}

export interface FillParts extends ArrivalParts {
  readonly origin: Origin;
  readonly events: EngineEvents;
  readonly forwarding: ForwardingConfig;
  readonly editRequest: Route['editRequest'];
}

/** The fields that take the place of the client's own preconditions and range. */
export function aboutOf(purpose: Purpose): Fields | undefined {
  switch (purpose.kind) {
    case 'fetch':
      return undefined;
    case 'fetch-whole':
      return noFields;
    case 'validate':
      return purpose.shelved.stored.preconditions;
    case 'complete':
      return purpose.completion.fields;
    default:
      return assertNever(purpose);
  }
}
