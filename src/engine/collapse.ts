import { EtagereError } from '../errors.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { variantKey } from '../key/nominated-fields.ts';
import { isOfSame } from '../policy/combine.ts';
import type { Reuse } from '../policy/decision.ts';
import { hasCredentials, isExplicit } from '../policy/freshness.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Shelved } from '../store/store.ts';
import type { Asker } from './answer.ts';
import type { Fill } from './fill.ts';
import type { Limits } from './limits.ts';
import { InProgress } from '../origin/in-progress.ts';
import { RecentKeys } from '../key/recent-keys.ts';

/** A decision for which the origin must be asked. */
export type OriginDecision = Extract<Reuse, { kind: 'validate' | 'complete' | 'forward' }>;

/** A request with what is on the shelf for its key. */
export interface Seeker {
  readonly answer: Asker;
  readonly key: CacheKey;
  readonly shelf: readonly Shelved[];
}

/** What a request looks for among the fills in progress. */
export interface Sought {
  /** The `commonKey` of the fill that it would begin. */
  readonly key: CacheKey;
  readonly answer: Asker;
  /** The stored response that it would validate; undefined for a miss. */
  readonly validating: StoredResponse | undefined;
  /** The fields that stored responses of this URI are known to nominate. */
  readonly nominatedFields: readonly string[];
}

/**
 * The fills in progress, and which requests may share them (RFC 9111 §4: collapsed requests). Keys whose responses turned out not to be
 * shareable are remembered, so that their requests do not wait for one another in vain.
 */
export class Fills {
  readonly #byKey = new Map<CacheKey, Set<Fill>>();
  readonly #all = new InProgress<Fill>();
  readonly #unshareable: RecentKeys<true>;
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#unshareable = new RecentKeys({ maxKeys: limits.maxUnshareableKeys });
  }

  /** Every fill in progress. */
  get all(): readonly Fill[] {
    return this.#all.all();
  }

  /** A fill that begins. */
  begin(fill: Fill): void {
    this.#all.add(fill);
    this.add(fill);
  }

  /** A fill in progress that others may wait for by now, or read: only such a one is found. */
  add(fill: Fill): void {
    const { key, commonKey, collapsible } = fill.plan;
    // A miss under a key whose responses can't be shared is waited for by nobody; a validation may be, whatever became of earlier responses.
    const inVain = fill.validating === undefined && this.isUnshareable(commonKey);
    if (collapsible && !inVain) this.#addUnder(commonKey, fill);
    if (fill.shared !== undefined) this.#addUnder(key, fill);
  }

  remove(fill: Fill): void {
    const { key, commonKey } = fill.plan;
    this.#all.delete(fill);
    this.#removeUnder(key, fill);
    if (commonKey !== key) this.#removeUnder(commonKey, fill);
  }

  #removeUnder(key: CacheKey, fill: Fill): void {
    const fills = this.#byKey.get(key);
    if (fills?.delete(fill) === true && fills.size === 0) this.#byKey.delete(key);
  }

  #addUnder(key: CacheKey, fill: Fill): void {
    const fills = this.#byKey.get(key);
    if (fills === undefined) this.#byKey.set(key, new Set<Fill>().add(fill));
    else fills.add(fill);
  }

  /** A fill that may answer the request, or the error that says why it can't wait for it. */
  find(sought: Sought): Fill | EtagereError | undefined {
    const { key, answer } = sought;
    if (!this.#byKey.has(key)) return undefined;
    const fills = this.#first(key);
    const names = [
      ...new Set([...sought.nominatedFields, ...fills.flatMap(({ arriving }) => arriving?.nominatedFields ?? [])]),
    ];
    const variant = variantKey(names, answer.request.fields);
    for (const fill of fills) {
      if (!fill.isUndecided) {
        if (fill.mayAnswer(answer)) return fill;
      } else if (this.#mayAwait(fill, sought) && variantKey(names, fill.plan.request.fields) === variant) {
        return fill.followers < this.#limits.maxFollowers ? fill : tooMany(fill);
      }
    }
    return undefined;
  }

  /** What a request looks for here; undefined where it must ask the origin itself. */
  soughtBy({ answer, key, shelf }: Seeker, decision: OriginDecision): Sought | undefined {
    if (decision.kind === 'forward' && !decision.collapsible && !this.mayFetchWhole(key, decision)) return undefined;
    const validating = decision.kind === 'validate' ? decision.selected : undefined;
    const nominatedFields = shelf.flatMap(({ stored }) => stored.nominatedFields);
    return { key: validating?.key ?? key, answer, validating, nominatedFields };
  }

  /** Whether the preconditions of a request may be left out, as the whole is of use to others too. */
  mayFetchWhole(key: CacheKey, decision: OriginDecision): boolean {
    return decision.kind === 'forward' && decision.conditional === true && !this.isUnshareable(key);
  }

  /** Whether a validation of this very response is under way. */
  isValidating(stored: StoredResponse): boolean {
    return this.#first(stored.key).some(({ validating }) => validating?.serial === stored.serial);
  }

  /** Whether the same representation is on its way past memory: it can't be shared any more, and to put it on a disk once more would be of no use. */
  isOnItsWay({ key, variant, fields }: StoredResponse): boolean {
    for (const { arriving, shared, standing, mayRepeat } of this.#byKey.get(key) ?? []) {
      if (arriving === undefined || shared !== undefined || mayRepeat || arriving.variant !== variant) continue;
      if (arriving.extent === undefined && standing.mayAnswerKey(key) && isOfSame(arriving, fields)) return true;
    }
    return false;
  }

  markUnshareable(key: CacheKey): void {
    this.#unshareable.set(key, true);
  }

  isUnshareable(key: CacheKey): boolean {
    return this.#unshareable.get(key) !== undefined;
  }

  markShareable(key: CacheKey): void {
    this.#unshareable.delete(key);
  }

  /** Before the head is known: the same question as far as can be told. */
  #mayAwait(fill: Fill, { key, answer, validating }: Sought): boolean {
    if (!fill.plan.collapsible || fill.validating?.serial !== validating?.serial) return false;
    if (validating === undefined) return !this.isUnshareable(key);
    // What stands in for an error differs between them (policy/stale.ts).
    return (
      isExplicit(validating.freshness) ||
      hasCredentials(fill.plan.request.fields) === hasCredentials(answer.request.fields)
    );
  }

  /**
   * The fills of a key that are looked at: as many as it may have variants, so that a flood of variants costs each request no more than that. Those that were purged or invalidated under
   * way answer nobody else any more: they are forgotten here, and take nobody's place.
   */
  #first(key: CacheKey): Fill[] {
    const fills: Fill[] = [];
    for (const fill of this.#byKey.get(key) ?? []) {
      if (!fill.standing.mayAnswerKey(key)) this.#removeUnder(key, fill);
      else if (fills.push(fill) >= this.#limits.maxVariants) break;
    }
    return fills;
  }
}

function tooMany(fill: Fill): EtagereError {
  return new EtagereError('WAITERS_FULL', `${fill.followers} requests wait for this response`);
}
