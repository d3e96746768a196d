import type { RequestHead, ResponseHead } from '../http/message.ts';
import type { ExchangeTimes } from '../policy/age.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { type NotStoredReason, storeReasons } from '../policy/decision.ts';
import { storability } from '../policy/storable.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Storing } from '../policy/storing-rules.ts';
import { unkeyedValues } from '../policy/unkeyed-values.ts';
import { detailTexts } from './details.ts';
import type { ExplainedAnswer, LookedAt } from './explanation.ts';
import { freshnessOf } from './freshness.ts';

/** What the origin has answered. */
export interface OriginAnswer {
  /** Hop-by-hop fields removed, Date present. */
  readonly response: ResponseHead;
  readonly times: ExchangeTimes;
  readonly closeDelimited?: boolean;
  /** Why it was not stored, where that is known. */
  readonly reason?: NotStoredReason;
}

/** Whether it may be stored (RFC 9111 §3), by which rule, and how long it would be fresh. `reason` is why it was not, as far as the shelf knows. */
export function explainAnswer(
  storing: Storing,
  reason: NotStoredReason | undefined,
  config: PolicyConfig,
): ExplainedAnswer {
  const { status } = storing.response;
  const rules: LookedAt[] = [];
  const judged = storability(storing, config, ({ name, section }, applied) => rules.push({ name, section, applied }));
  if (!judged.storable) return { status, storable: false, decidedBy: judged.rule, rules, detail: judged.reason };
  const freshness = freshnessOf(judged.stored, storing.times.responseTime, config);
  if (reason === undefined || !isToldByShelf(reason, storing.request, judged.stored)) {
    const decidedBy = { name: 'nothing forbids to store it', section: 'RFC 9111 §3' };
    return { status, storable: true, decidedBy, rules, ...freshness };
  }
  const { meaning, section } = detailTexts[reason];
  return { status, storable: false, decidedBy: { name: meaning, section }, rules, detail: reason, ...freshness };
}

/** The answer, where it is the latest of the origin: what came before something that is stored now is not what the origin answers any more. */
export function latestOf(
  answer: OriginAnswer | undefined,
  candidates: readonly StoredResponse[],
): OriginAnswer | undefined {
  const isLatest =
    answer !== undefined && candidates.every(({ responseTime }) => responseTime <= answer.times.responseTime);
  return isLatest ? answer : undefined;
}

/** Whether the heads do not show what kept it off the shelf: that was not the policy, or it was something in the content that this request could have repeated again. */
function isToldByShelf(reason: NotStoredReason, request: RequestHead, { nominatedFields }: StoredResponse): boolean {
  if (reason === 'unkeyed-echo') return unkeyedValues(request, nominatedFields).length > 0;
  return (storeReasons as readonly string[]).includes(reason);
}
