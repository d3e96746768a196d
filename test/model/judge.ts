import { eachField, fieldValue, hasField } from '../../src/http/fields.ts';
import type { EpochMs, ResponseHead } from '../../src/http/message.ts';
import { contentTrouble } from './content-judge.ts';
import { type Asking, headFieldPrefix, type Journal, type Order, type SentHead } from './journal.ts';
import type { Sayings } from './sayings.ts';
import {
  currentAge,
  directivesOf,
  fieldsAfter,
  type History,
  isSelectedBy,
  notFreshEnough,
  notShareable,
} from './reference.ts';

/** What a client got. */
export interface Outcome {
  readonly asking: Asking;
  readonly head: ResponseHead | undefined;
  /** When the head came. */
  readonly time: EpochMs;
  readonly content: Buffer;
  readonly end: 'open' | 'complete' | 'aborted';
}

/** Which of the invariants does not hold, and how that shows. */
export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';
  readonly says: string;
}

/** Whether an answer may be what it is. */
export function violationOf(outcome: Outcome, journal: Journal, sayings: Sayings): Violation | undefined {
  const { head, end, asking } = outcome;
  if (head === undefined) return end === 'complete' ? { invariant: 'I4', says: 'an end without a head' } : undefined;
  const history = historyOf(head, journal);
  if (history.length === 0) return ownAnswerTrouble(outcome, head, journal);
  return (
    contentTrouble(outcome, head, history, sayings) ??
    (history.length === 1 && isOwn(asking, history) ? undefined : reuseTrouble(outcome, head, history, journal))
  );
}

function historyOf(head: ResponseHead, journal: Journal): History {
  const heads: SentHead[] = [];
  for (const [name] of eachField(head.fields)) {
    const sent = name.startsWith(headFieldPrefix)
      ? journal.heads.get(Number(name.slice(headFieldPrefix.length)))
      : undefined;
    if (sent !== undefined) heads.push(sent);
  }
  return heads.toSorted(inOrder);
}

/** Of what came within one millisecond no cache knows which was first: content is what the others can be about. */
function inOrder(a: SentHead, b: SentHead): number {
  const later = (a.sent?.time ?? 0) - (b.sent?.time ?? 0);
  return later === 0
    ? Number(bringsContent(b)) - Number(bringsContent(a)) || (a.sent?.at ?? 0) - (b.sent?.at ?? 0)
    : later;
}

function bringsContent({ method, status }: SentHead): boolean {
  return method === 'GET' && status !== 304;
}

function isOwn(asking: Asking, history: History): boolean {
  return history.at(-1)?.cause === asking.number;
}

/** An error of the proxy itself needs a reason. */
function ownAnswerTrouble({ asking }: Outcome, { status }: ResponseHead, journal: Journal): Violation | undefined {
  if (status === 504 && directivesOf(asking.fields).has('only-if-cached')) return undefined;
  if (status === 416 && asking.fields.has('range')) return undefined;
  if (status >= 500 && hasFailed(asking, journal)) return undefined;
  return { invariant: 'I8', says: `a ${status} for nothing that the origin did` };
}

function hasFailed({ url, at }: Asking, journal: Journal): boolean {
  return journal.failures.some((failure) => failure.url === url && failure.at > at);
}

/** What was asked for by somebody else, or before. */
function reuseTrouble(outcome: Outcome, head: ResponseHead, history: History, journal: Journal): Violation | undefined {
  const { asking } = outcome;
  const own = isOwn(asking, history);
  const stored = own ? history.slice(0, -1) : history;
  const unshareable = notShareable(stored);
  if (unshareable !== undefined) return { invariant: 'I2', says: `not its own, and ${unshareable}` };
  if (!own && hasField(head.fields, 'set-cookie')) return { invariant: 'I2', says: 'a cookie that another one got' };
  if (!isSelectedBy(asking, history)) return { invariant: 'I2', says: 'its Vary does not select it' };
  const inForce = ordersInForce(stored, asking, journal);
  if (
    inForce.some(({ kind, at }) => kind !== 'soft' && stored.some((each) => bringsContent(each) && each.askedAt < at))
  )
    return { invariant: 'I6', says: 'it was purged, or invalidated' };
  // Asked for after the request came: that is as good as asked for by it.
  if (own || (history.at(-1)?.askedAt ?? 0) > asking.at) return undefined;
  return ageTrouble(outcome, head, history, { inForce, failed: hasFailed(asking, journal) });
}

/** Those that are about what it was when they were given, and have been in force since before the request. */
function ordersInForce(history: History, { of, at, url }: Asking, { orders }: Journal): readonly Order[] {
  return orders.filter((order) => {
    const since = Math.min(
      order.everywhereAt ?? Number.POSITIVE_INFINITY,
      order.by === of ? (order.inForceAt ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    );
    const before = history.filter(({ askedAt }) => askedAt < order.at);
    return since < at && before.length > 0 && order.isAbout(url, fieldsAfter(before));
  });
}

/** What is known when a response is used. */
interface Known {
  readonly inForce: readonly Order[];
  /** Whether the origin has failed since the request came. */
  readonly failed: boolean;
}

function ageTrouble(
  outcome: Outcome,
  head: ResponseHead,
  history: History,
  { inForce, failed }: Known,
): Violation | undefined {
  const { asking, time } = outcome;
  const askedAt = history.at(-1)?.askedAt ?? 0;
  const ended = inForce.filter(({ kind, at }) => kind === 'soft' && askedAt < at).map((order) => order.time);
  const circumstances = {
    now: time,
    endedAt: ended.length === 0 ? undefined : Math.min(...ended),
    hasFailed: failed,
  };
  const says = notFreshEnough(asking, history, circumstances);
  if (says !== undefined) return { invariant: ended.length === 0 ? 'I5' : 'I6', says };
  const age = currentAge(history, time);
  const said = fieldValue(head.fields, 'age');
  // RFC 9111 §5.1: of a response that is not first-hand.
  const isRight = said !== undefined && Math.abs(Number(said) - age) <= 1;
  return isRight ? undefined : { invariant: 'I5', says: `Age is ${String(said)}, and it is ${age} s old` };
}

/** A request is sent to the origin, and once more where the answer was about something else, or what others asked for was not for it. */
const maxAsked = 2;

/** RFC 9110 §9.2.2: whether what the origin was asked for a request is that, and once. */
export function askedTrouble({ number, step, url }: Asking, { asked }: Journal): Violation | undefined {
  const its = asked.filter(({ cause }) => cause === number);
  if (its.length > maxAsked) return { invariant: 'I3', says: `${its.length} requests to the origin for one` };
  // What answers a HEAD from the shelf is the response to a GET, and is renewed by one.
  const isIts = (method: string): boolean => method === step.method || (step.method === 'HEAD' && method === 'GET');
  const other = its.find((each) => !isIts(each.method) || each.url !== url);
  return other && { invariant: 'I3', says: `${other.method} ${other.url} for ${step.method} ${url}` };
}
