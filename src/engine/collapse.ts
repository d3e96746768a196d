import { EtagereError } from '../errors.ts';
import type { CacheKey } from '../key/cache-key.ts';
import { variantKey } from '../key/nominated-fields.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Answer } from './answer.ts';
import type { Fill } from './fill.ts';
import type { Limits } from './limits.ts';
import type { Generations } from './invalidate.ts';

/** What a request looks for among the fills in progress. */
export interface Sought {
  readonly key: CacheKey;
  readonly answer: Answer;
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
  readonly #unshareable = new Set<CacheKey>();
  readonly #limits: Limits;
  readonly #generations: Generations;

  constructor(limits: Limits, generations: Generations) {
    this.#limits = limits;
    this.#generations = generations;
  }

  add(fill: Fill): void {
    const fills = this.#byKey.get(fill.plan.key);
    if (fills === undefined) this.#byKey.set(fill.plan.key, new Set([fill]));
    else fills.add(fill);
  }

  remove(fill: Fill): void {
    const fills = this.#byKey.get(fill.plan.key);
    if (fills?.delete(fill) === true && fills.size === 0) this.#byKey.delete(fill.plan.key);
  }

  /** A fill that may answer the request, or the error that says why it can't wait for it. */
  find(sought: Sought): Fill | EtagereError | undefined {
    for (const fill of this.#byKey.get(sought.key) ?? []) {
      if (!this.#generations.isCurrent(sought.key, fill.generation)) continue;
      if (fill.asking ? !this.#mayAwait(fill, sought) : !fill.mayAnswer(sought.answer)) continue;
      if (fill.asking && fill.followers >= this.#limits.maxFollowers) {
        return new EtagereError('WAITERS_FULL', `${fill.followers} requests wait for this response`);
      }
      return fill;
    }
    return undefined;
  }

  /** Whether a validation of this very response is under way. */
  isValidating(stored: StoredResponse): boolean {
    for (const fill of this.#byKey.get(stored.key) ?? []) if (fill.validating === stored) return true;
    return false;
  }

  markUnshareable(key: CacheKey): void {
    this.#unshareable.delete(key);
    this.#unshareable.add(key);
    if (this.#unshareable.size <= this.#limits.maxUnshareableKeys) return;
    for (const oldest of this.#unshareable) {
      this.#unshareable.delete(oldest);
      break;
    }
  }

  markShareable(key: CacheKey): void {
    this.#unshareable.delete(key);
  }

  /** Before the head is known: the same question as far as can be told. */
  #mayAwait(fill: Fill, { key, answer, validating, nominatedFields }: Sought): boolean {
    if (!fill.plan.collapsible || fill.validating !== validating) return false;
    if (validating === undefined && this.#unshareable.has(key)) return false;
    const names = [...new Set([...nominatedFields, ...this.#nominatedByFills(key)])];
    return variantKey(names, fill.plan.request.fields) === variantKey(names, answer.request.fields);
  }

  #nominatedByFills(key: CacheKey): string[] {
    const names: string[] = [];
    for (const { shared } of this.#byKey.get(key) ?? [])
      if (shared !== undefined) names.push(...shared.nominatedFields);
    return names;
  }
}
