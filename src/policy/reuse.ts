import { type CacheControl, deltaSeconds, hasDirective } from '../http/cache-control.ts';
import type { ForwardReason } from '../http/cache-status.ts';
import { isSafe, type EpochMs, type RequestHead } from '../http/message.ts';
import { isPreferredLanguage } from '../key/language.ts';
import { currentAge } from './age.ts';
import type { PolicyConfig } from './config.ts';
import { completionOf } from './combine.ts';
import type { Reuse, ReuseDetail, RuleName } from './decision.ts';
import { isForcedNoMore, isWithheld } from './freshness.ts';
import { holds } from './partial.ts';
import { type PresentedFields, presentedFields } from './presented.ts';
import { mayServeThoughStale, mayServeWhileRevalidating } from './stale.ts';
import type { StoredResponse } from './stored.ts';

/**
 * RFC 9111 §4: what to do with a presented request, given the stored responses of its target URI. Two ordered tables, read from the
 * top: the first rule that has an answer decides. The first table needs the request alone, the second a selected stored response.
 */

interface Presented {
  readonly request: RequestHead;
  readonly hasContent: boolean;
  readonly isBypassed: boolean;
  readonly heedsClient: boolean;
  readonly presented: PresentedFields;
  readonly control: CacheControl;
  readonly config: PolicyConfig;
  readonly now: EpochMs;
}

interface Rule<Context> extends RuleName {
  readonly decide: (context: Context) => Reuse | undefined;
}

/** Requests that nothing on the shelf may answer. */
export const requestRules: readonly Rule<Presented>[] = [
  {
    name: 'a rule of the operator sends it past the shelf',
    section: 'RFC 9111 §4',
    decide: ({ isBypassed }) =>
      isBypassed ? { kind: 'forward', fwd: 'bypass', detail: 'bypass-rule', collapsible: false } : undefined,
  },
  {
    name: 'the method is not one that this cache answers',
    section: 'RFC 9111 §4',
    decide: ({ request, hasContent }) => {
      // RFC 10008: the content of a QUERY that could be read is in the key, and is not content any more.
      const answered = ['GET', 'HEAD'].includes(request.method) || (request.method === 'QUERY' && !hasContent);
      return answered ? undefined : { kind: 'forward', fwd: 'method', collapsible: false };
    },
  },
  {
    name: 'the request has content, which is no part of the key',
    section: 'RFC 9110 §9.3.1',
    decide: ({ hasContent }) =>
      hasContent ? { kind: 'forward', fwd: 'bypass', detail: 'request-content', collapsible: false } : undefined,
  },
  {
    name: 'a precondition is for the origin alone',
    section: 'RFC 9111 §4.3.2',
    decide: ({ presented }) =>
      presented.hasOriginPrecondition
        ? { kind: 'forward', fwd: 'request', detail: 'request-precondition', collapsible: false }
        : undefined,
  },
];

/** What is decided beside the tables, in words like theirs. */
const besideTables = {
  unselected: { name: 'nothing that is stored suits the request', section: 'RFC 9111 §4.1' },
  lacking: { name: 'what is stored is a part, without what is asked for', section: 'RFC 9111 §3.3' },
  unasked: { name: 'the request forbids to ask the origin', section: 'RFC 9111 §5.2.1.7' },
} as const satisfies Record<string, RuleName>;

/** Told of each rule that is looked at, in order, and whether it decided. */
export type LookedAtReuse = (rule: RuleName, decided: boolean) => void;

interface Selected extends Presented {
  readonly selected: StoredResponse;
  readonly age: number;
  readonly ttl: number;
}

/** Requests for which a stored response was selected. */
export const selectedRules: readonly Rule<Selected>[] = [
  {
    name: 'an operator had it stored by force, and does so no more',
    section: 'RFC 9111 §3',
    decide: (context) =>
      isForcedNoMore(context.selected.freshness, context.config) ? miss(context, 'miss') : undefined,
  },
  {
    name: 'the stored response always wants validation',
    section: 'RFC 9111 §5.2.2.4',
    decide: ({ selected }) =>
      selected.alwaysValidate ? { kind: 'validate', selected, fwd: 'stale', detail: 'no-cache' } : undefined,
  },
  {
    name: 'the request wants validation',
    section: 'RFC 9111 §5.2.1.4',
    decide: ({ presented, control, selected, heedsClient }) => {
      if (!heedsClient) return undefined;
      if (control.malformed) return { kind: 'validate', selected, fwd: 'request', detail: 'request-malformed' };
      const wanted = hasDirective(control, 'no-cache') || presented.hasPragmaNoCache;
      return wanted ? { kind: 'validate', selected, fwd: 'request', detail: 'request-no-cache' } : undefined;
    },
  },
  {
    name: 'the request wants a younger response',
    section: 'RFC 9111 §5.2.1.1',
    decide: ({ control, selected, age, ttl, heedsClient }) => {
      const limit = heedsClient ? deltaSeconds(control, 'max-age') : undefined;
      // RFC 8246 §2.1: a reload, which is what `max-age=0` comes from, changes nothing about what is immutable; `no-cache` would.
      if (limit === undefined || (limit === 0 && selected.immutable && ttl > 0)) return undefined;
      const tooOld = limit === 0 || age > limit;
      return tooOld ? { kind: 'validate', selected, fwd: 'request', detail: 'request-max-age' } : undefined;
    },
  },
  {
    name: 'the request wants a response that stays fresh longer',
    section: 'RFC 9111 §5.2.1.3',
    decide: ({ control, selected, ttl, heedsClient }) => {
      const wanted = heedsClient ? deltaSeconds(control, 'min-fresh') : undefined;
      const tooShort = wanted !== undefined && ttl < wanted;
      return tooShort ? { kind: 'validate', selected, fwd: 'request', detail: 'request-min-fresh' } : undefined;
    },
  },
  {
    name: 'the origin gives it no lifetime above 0, and the request has credentials',
    section: 'RFC 9111 §7.3',
    decide: ({ request, config, selected }) =>
      isWithheld(selected.freshness, request, config)
        ? { kind: 'validate', selected, fwd: 'request', detail: 'request-credentials' }
        : undefined,
  },
  {
    name: 'it is fresh',
    section: 'RFC 9111 §4.2',
    decide: ({ selected, age, ttl, heedsClient }) => {
      if (ttl <= 0) return undefined;
      return heedsClient
        ? { kind: 'reuse', selected, age, ttl }
        : { kind: 'reuse', selected, age, ttl, detail: 'request-too-often' };
    },
  },
  {
    name: 'it may be served while it is validated',
    section: 'RFC 5861 §3',
    decide: ({ request, selected, age, ttl, now }) =>
      request.method !== 'QUERY' && mayServeWhileRevalidating(selected, now)
        ? { kind: 'reuse', selected, age, ttl, detail: 'stale-while-revalidate' }
        : undefined,
  },
  {
    name: 'the client accepts it stale',
    section: 'RFC 9111 §5.2.1.2',
    decide: ({ control, config, selected, age, ttl, now }) => {
      if (!config.honourMaxStale || !hasDirective(control, 'max-stale')) return undefined;
      return mayServeThoughStale(selected, maxStale(control), now)
        ? { kind: 'reuse', selected, age, ttl, detail: 'max-stale' }
        : undefined;
    },
  },
  {
    name: 'it is stale',
    section: 'RFC 9111 §4.3',
    decide: ({ selected }) => ({ kind: 'validate', selected, fwd: 'stale' }),
  },
];

export interface ReuseInput {
  readonly request: RequestHead;
  readonly hasContent: boolean;
  /** Whether an operator's rule has it go past the shelf; not so unless said. */
  readonly isBypassed?: boolean;
  /** Whether counts what the client says of freshness, which it only prefers (RFC 9111 §5.2.1); so unless said. */
  readonly heedsClient?: boolean;
  /** Every stored response of the target URI, of whatever variant. */
  readonly candidates: readonly StoredResponse[];
  /** Steady time. */
  readonly now: EpochMs;
}

export function decideReuse(
  { request, hasContent, isBypassed = false, heedsClient = true, candidates, now }: ReuseInput,
  config: PolicyConfig,
  looked?: LookedAtReuse,
): Reuse {
  const presented = presentedFields(request.fields);
  const { control } = presented;
  const context: Presented = { request, hasContent, isBypassed, heedsClient, presented, control, config, now };
  const decision =
    firstAnswer(requestRules, context, looked) ??
    decideWith(context, selectCandidate(request, candidates), candidates.length > 0, looked);
  const asksOrigin = decision.kind !== 'reuse' && decision.kind !== 'refuse';
  if (asksOrigin && isSafe(request.method) && presented.onlyIfCached) {
    looked?.(besideTables.unasked, true);
    return { kind: 'refuse', error: 'ONLY_IF_CACHED', fwd: decision.fwd };
  }
  return decision;
}

function decideWith(
  context: Presented,
  selected: StoredResponse | undefined,
  hasCandidates: boolean,
  looked: LookedAtReuse | undefined,
): Reuse {
  const { request, hasContent, isBypassed, heedsClient, presented, control, config, now } = context;
  looked?.(besideTables.unselected, selected === undefined);
  if (selected === undefined) return miss(context, hasCandidates ? 'vary-miss' : 'uri-miss');
  const age = currentAge(selected, now);
  const ttl = selected.freshness.lifetime - age;
  // Written out: a spread here costs two thirds of a hit.
  const full: Selected = {
    request,
    hasContent,
    isBypassed,
    heedsClient,
    presented,
    control,
    config,
    now,
    selected,
    age,
    ttl,
  };
  const decision = firstAnswer(selectedRules, full, looked);
  if (decision === undefined) return miss(context, 'miss');
  if (selected.extent === undefined) return decision;
  // A part is not validated: the request goes on as it is, and what it brings takes the part's place.
  if (decision.kind === 'validate') return { ...miss(context, decision.fwd), ...detailOf(decision) };
  const isLacking = !holds(request, selected, now);
  looked?.(besideTables.lacking, isLacking);
  return isLacking ? lacking(context, selected) : decision;
}

/** RFC 9211 §2.2: a fresh response was selected, but does not hold what is asked for. */
function lacking(context: Presented, selected: StoredResponse): Reuse {
  const { request, presented, config } = context;
  const wantsWhole = request.method === 'GET' && !presented.hasRange && !presented.isConditional;
  const completion = wantsWhole ? completionOf(selected, config) : undefined;
  return completion === undefined
    ? miss(context, 'partial')
    : { kind: 'complete', selected, completion, fwd: 'partial' };
}

function detailOf({ detail }: { readonly detail?: ReuseDetail }): { readonly detail?: ReuseDetail } {
  return detail === undefined ? {} : { detail };
}

/** Nothing selected: the request goes on as it is. Only a plain GET may stand for others who ask the same. */
function miss({ request, presented }: Presented, fwd: ForwardReason): Extract<Reuse, { kind: 'forward' }> {
  const whole = (request.method === 'GET' || request.method === 'QUERY') && !presented.hasRange;
  const conditional = presented.isConditional;
  // Where the whole could not be stored, the precondition is what saves the origin from sending it.
  const mayFill = !presented.hasCredentials && !hasDirective(presented.control, 'no-store');
  return {
    kind: 'forward',
    fwd,
    collapsible: whole && !conditional,
    ...(whole && conditional && mayFill ? { conditional } : {}),
  };
}

/**
 * RFC 9111 §4.1: of the stored responses whose nominated fields match, those that nominate any before those that do not, then the most recent by
 * Date, then by receipt. Where none matches, one in the language that the request prefers above all others will do.
 */
export function selectCandidate(
  request: RequestHead,
  candidates: readonly StoredResponse[],
): StoredResponse | undefined {
  let best: StoredResponse | undefined;
  for (const candidate of candidates) {
    if (isSelectedBy(request, candidate) && (best === undefined || isPreferred(candidate, best))) best = candidate;
  }
  if (best !== undefined) return best;
  for (const candidate of candidates) {
    const suits = isPreferredLanguage(candidate, request.fields);
    if (suits && (best === undefined || isPreferred(candidate, best))) best = candidate;
  }
  return best;
}

/** RFC 9111 §4.3.4: the stored responses that could have been chosen for the request. */
export function eligibleCandidates(
  request: RequestHead,
  candidates: readonly StoredResponse[],
): readonly StoredResponse[] {
  const selected = selectCandidate(request, candidates);
  return candidates.filter((candidate) => candidate === selected || isSelectedBy(request, candidate));
}

/** Whether the request's nominated fields match those of the original request (RFC 9111 §4.1). */
export function isSelectedBy(request: RequestHead, stored: StoredResponse): boolean {
  if (stored.nominatedFields.length === 0) return true;
  return stored.variant === presentedFields(request.fields).variant(stored.nominatedFields);
}

function isPreferred(a: StoredResponse, b: StoredResponse): boolean {
  const nominates = Number(a.nominatedFields.length > 0) - Number(b.nominatedFields.length > 0);
  if (nominates !== 0) return nominates > 0;
  return a.dateValue === b.dateValue ? a.responseTime >= b.responseTime : a.dateValue > b.dateValue;
}

function firstAnswer<Context>(
  rules: readonly Rule<Context>[],
  context: Context,
  looked: LookedAtReuse | undefined,
): Reuse | undefined {
  for (const rule of rules) {
    const answer = rule.decide(context);
    looked?.(rule, answer !== undefined);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Without a value any staleness is accepted (RFC 9111 §5.2.1.2); the least where it is said several times. */
function maxStale(control: CacheControl): number {
  const unlimited = control.directives.get('max-stale')?.every((argument) => argument === null) === true;
  return unlimited ? Number.POSITIVE_INFINITY : (deltaSeconds(control, 'max-stale') ?? 0);
}
