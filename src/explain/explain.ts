import { type CacheStatus, cacheStatusMember } from '../http/cache-status.ts';
import { eachField, type Fields, noFields } from '../http/fields.ts';
import type { EpochMs, RequestHead } from '../http/message.ts';
import { cacheKey } from '../key/cache-key.ts';
import { type TargetUri, urlOfTarget } from '../key/target-uri.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { Reuse, RuleName } from '../policy/decision.ts';
import { decideReuse } from '../policy/reuse.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Storing } from '../policy/storing-rules.ts';
import { advise } from './advice.ts';
import { explainAnswer, latestOf, type OriginAnswer } from './answer.ts';
import { explainCandidates, nominatedValues } from './candidates.ts';
import { detailTexts } from './details.ts';
import type { ExplainedAnswer, ExplainedDetail, Explanation, LookedAt } from './explanation.ts';
import { summaryOf } from './summary.ts';
import { nearestTo, storingOf, type Trial } from './trial.ts';

/** Everything that the policy looks at for a request: what is on the shelf, and the rules. */
export interface Inspected {
  readonly key: TargetUri;
  /** Every stored response of the key. */
  readonly candidates: readonly StoredResponse[];
  /** Steady time. */
  readonly now: EpochMs;
  /** Whether the origin is being asked just now for what this request may wait for. */
  readonly fillInProgress: boolean;
  readonly config: PolicyConfig;
  readonly route: string;
  /** Whether the operator sends the request past the shelf. */
  readonly isBypassed?: boolean;
  /** The last response that was not stored, where it is remembered. */
  readonly lastNotStored?: OriginAnswer;
}

/** The request that is asked about. */
export interface Asked {
  readonly request: RequestHead;
  /** Whether it has content that is no part of the key. */
  readonly hasContent?: boolean;
}

/**
 * Why a request is a hit or is not, by the very functions that decide it. Asks nobody: `lastAnswer` is what the origin answered to such a request, if that is
 * known.
 */
export function explain(inspected: Inspected, asked: Asked, lastAnswer = inspected.lastNotStored): Explanation {
  const { key, candidates, now, config, route, fillInProgress, isBypassed = false } = inspected;
  const { request, hasContent = false } = asked;
  const rules: LookedAt[] = [];
  const reuse = decideReuse(
    { request, hasContent, isBypassed, candidates, now },
    config,
    ({ name, section }, applied) => {
      rules.push({ name, section, applied });
    },
  );
  const decidedBy = rules.findLast(({ applied }) => applied) as RuleName;
  const answer = latestOf(lastAnswer, candidates);
  const storing = answer && storingFor(inspected, { request, hasContent }, answer);
  const explained =
    storing && answer && reuse.kind !== 'reuse' ? explainAnswer(storing, answer.reason, config) : undefined;
  const asks = asksOf(reuse);
  return {
    url: urlOfTarget(key),
    method: request.method,
    route,
    key: { ...key, nominated: nominatedValues(candidates, request.fields) },
    hit: reuse.kind === 'reuse',
    outcome: reuse.kind,
    cacheStatus: cacheStatusMember('etagere', statusOf(reuse, explained)),
    summary: summaryOf(reuse, decidedBy, explained),
    details: detailsOf(reuse, explained),
    decidedBy: { name: decidedBy.name, section: decidedBy.section },
    rules,
    candidates: explainCandidates(candidates, { request, now, config }),
    ...(asks === undefined ? {} : { asks }),
    ...(explained === undefined ? {} : { answer: explained }),
    fillInProgress,
    advice: adviceFor(reuse, { inspected, request, hasContent, storing }),
  };
}

/** The answer as this very request would have got it. */
function storingFor(
  { key, isBypassed = false }: Inspected,
  { request, hasContent }: Required<Asked>,
  { response, times, closeDelimited }: OriginAnswer,
): Storing {
  return {
    request,
    requestHasContent: hasContent,
    isBypassed,
    response,
    times,
    closeDelimited: closeDelimited ?? false,
    generation: 0,
    key: cacheKey(key),
  };
}

/** What goes to the origin beside what the client asks. */
function asksOf(reuse: Reuse): (readonly [name: string, value: string])[] | undefined {
  if (reuse.kind === 'reuse' || reuse.kind === 'refuse') return undefined;
  return [...eachField(conditionsOf(reuse))];
}

function conditionsOf(reuse: Extract<Reuse, { kind: 'validate' | 'complete' | 'forward' }>): Fields {
  if (reuse.kind === 'validate') return reuse.selected.preconditions;
  return reuse.kind === 'complete' ? reuse.completion.fields : noFields;
}

/** As far as it can be told before the origin has answered; with an answer, as if it answered the same again. */
function statusOf(reuse: Reuse, answer: ExplainedAnswer | undefined): CacheStatus {
  if (reuse.kind === 'reuse') {
    const status = { hit: true, ttl: Math.ceil(reuse.ttl) };
    return reuse.detail === undefined ? status : { ...status, detail: reuse.detail };
  }
  const { fwd } = reuse;
  if (reuse.kind === 'refuse') return { hit: false, fwd, detail: 'only-if-cached' };
  const detail =
    ('detail' in reuse ? reuse.detail : undefined) ?? (answer?.detail === fwd ? undefined : answer?.detail);
  const stored = reuse.kind === 'forward' && answer?.storable === true;
  return { hit: false, fwd, ...(stored ? { stored } : {}), ...(detail === undefined ? {} : { detail }) };
}

function detailsOf(reuse: Reuse, answer: ExplainedAnswer | undefined): ExplainedDetail[] {
  const codes = new Set<ExplainedDetail['code']>();
  if ('detail' in reuse && reuse.detail !== undefined) codes.add(reuse.detail);
  if (answer?.detail !== undefined) codes.add(answer.detail);
  return [...codes].map((code) => ({ code, ...detailTexts[code] }));
}

interface Known extends Required<Asked> {
  readonly inspected: Inspected;
  readonly storing: Storing | undefined;
}

function adviceFor(reuse: Reuse, known: Known): Explanation['advice'] {
  // What the operator sends past the shelf, and what asks the origin to do something, is no hit whatever it says.
  if (reuse.kind === 'reuse' || reuse.fwd === 'method' || known.inspected.isBypassed === true) return [];
  const trial = trialOf(known);
  return trial === undefined ? [] : advise(trial);
}

/** What is to become a hit: the stored response that is nearest to one, else what the origin answered. */
function trialOf({ inspected, request, hasContent, storing: own }: Known): Trial | undefined {
  const { candidates, config, now } = inspected;
  const nearest = nearestTo(request, candidates);
  if (nearest !== undefined) {
    const storing = storingOf(nearest, inspected.key);
    return { request, hasContent, storing, extent: nearest.extent, isOwn: false, config, now };
  }
  if (own === undefined) return undefined;
  return { request, hasContent, storing: own, isOwn: true, config, now: own.times.responseTime };
}
