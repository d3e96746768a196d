import CachePolicy from 'http-cache-semantics';
import { eachField, fieldsOf } from '../../src/http/fields.ts';
import type { RequestHead, ResponseHead } from '../../src/http/message.ts';
import { currentAge, type ExchangeTimes } from '../../src/policy/age.ts';
import { type PolicyConfig, presets } from '../../src/policy/config.ts';
import type { Storability } from '../../src/policy/decision.ts';
import { freshen } from '../../src/policy/freshen.ts';
import { withDate } from '../../src/policy/received.ts';
import { decideReuse } from '../../src/policy/reuse.ts';
import { mayServeOnError } from '../../src/policy/stale.ts';
import { storability } from '../../src/policy/storable.ts';
import type { StoredResponse } from '../../src/policy/stored.ts';
import { type Line, steady, wall } from '../unit/policy/messages.ts';
import { type Answered, type Asked, linesOf, linesOfAnswer, type Scenario } from './scenario.ts';

/** The questions that both are asked about a scenario. What follows from a `no` is asked no more, and is absent. */
export interface Answers {
  /** Is the 304 about the stored response? Absent without a 304. */
  readonly identified?: boolean;
  /** Is it stored, or still storable after the 304? */
  readonly stored?: boolean;
  /** For how many seconds may it be reused without validation? */
  readonly lifetime?: number;
  /** How old is it when the presented request comes? */
  readonly age?: number;
  /** Is the presented request answered from it without waiting for the origin? */
  readonly served?: boolean;
  /** May it be served when the origin fails at that time? */
  readonly servedOnError?: boolean;
  /** The preconditions of a validation. */
  readonly preconditions?: string;
}

export const questions = [
  'identified',
  'stored',
  'lifetime',
  'age',
  'served',
  'servedOnError',
  'preconditions',
] as const satisfies readonly (keyof Answers)[];

/** The library as it comes, with a clock that the test sets. */
class Bare extends CachePolicy {
  static seconds = 0;

  now(): number {
    return wall + Bare.seconds * 1000;
  }
}

/** What the bare library says. It gets the messages as node:http would give them. */
export function libraryAnswers(scenario: Scenario): Answers {
  const { update, presented, after } = scenario;
  const arrival = update?.after ?? 0;
  const { policy, identified, by } = libraryPolicy(scenario);
  const about = identified === undefined ? {} : { identified };
  if (identified === false) return about;
  if (!policy.storable()) return { ...about, stored: false };
  const lifetime = policy.maxAge();
  const preconditions = shownPreconditions(Object.entries(policy.revalidationHeaders(bareRequest(by))));
  Bare.seconds = arrival + after;
  return {
    ...about,
    stored: true,
    lifetime,
    age: policy.age(),
    served: policy.evaluateRequest(bareRequest(presented)).response !== undefined,
    servedOnError: policy.revalidatedPolicy(bareRequest(presented), { status: 503, headers: {} }).policy === policy,
    preconditions,
  };
}

interface LibraryPolicy {
  readonly policy: CachePolicy;
  readonly identified?: boolean;
  /** The request whose response it now holds. */
  readonly by: Asked;
}

/** After the response, and after the update if there is one. */
function libraryPolicy({ original, response, update }: Scenario): LibraryPolicy {
  Bare.seconds = 0;
  const policy = new Bare(bareRequest(original), bareResponse(response));
  if (update === undefined) return { policy, by: original };
  Bare.seconds = update.after;
  const { by, news, merged } = update;
  const after = policy.revalidatedPolicy(bareRequest(by), bareResponse(news));
  const identified = update.identified ?? after.matches;
  return {
    policy: merged === undefined ? after.policy : new Bare(bareRequest(by), bareResponse(merged)),
    identified,
    by,
  };
}

/** Whether the library takes the 304 to be about the stored response. */
export function libraryIdentifies(scenario: Scenario): boolean {
  return libraryPolicy(scenario).identified === true;
}

/** How much longer the library would use it in any way, in seconds, when it has just been judged. */
export function libraryTimeToLive(scenario: Scenario): number {
  return libraryPolicy(scenario).policy.timeToLive() / 1000;
}

function bareRequest(asked: Asked): CachePolicy.Request {
  return { method: asked.method, url: '/a', headers: nodeHeaders(linesOf(asked)) };
}

function bareResponse(answered: Answered): CachePolicy.Response {
  return { status: answered.status, headers: nodeHeaders(linesOfAnswer(answered)) };
}

/** Of these, node:http keeps the first line only; lines of other fields are joined by commas. */
const firstLineOnly = new Set(['age', 'authorization', 'etag', 'expires', 'last-modified']);

function nodeHeaders(lines: readonly Line[]): CachePolicy.Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (!firstLineOnly.has(name)) headers[name] = `${before}, ${value}`;
  }
  return headers;
}

function shownPreconditions(lines: Iterable<readonly [string, unknown]>): string {
  return [...lines]
    .filter(([name]) => name === 'if-none-match' || name === 'if-modified-since')
    .map(([name, value]) => `${name}: ${String(value)}`)
    .sort()
    .join('\n');
}

/** What we say. Undefined where there is nothing to update, because the response was not stored. */
export function ourAnswers(scenario: Scenario): Answers | undefined {
  const { update, preset } = scenario;
  const config = presets[preset];
  const judged = ourStorability(scenario);
  if (update === undefined) return judged.storable ? ourReuse(judged.stored, scenario, config) : { stored: false };
  if (!judged.storable) return undefined;
  const updateTimes = timesAt(update.after, 0);
  const news = withDate(answerHead(update.news), updateTimes.responseWallTime);
  const freshening = freshen(
    judged.stored,
    { request: requestHead(update.by), response: news, times: updateTimes },
    config,
  );
  if (freshening.kind === 'mismatch') return { identified: false };
  if (freshening.kind === 'unstorable') return { identified: true, stored: false };
  return { identified: true, ...ourReuse(freshening.stored, scenario, config) };
}

/** What we make of the response before any update. */
export function ourStorability({ original, response, delay, preset }: Scenario): Storability {
  const times = timesAt(0, delay);
  const requestHasContent = original.hasContent;
  const message = withDate(answerHead(response), times.responseWallTime);
  const storing = { request: requestHead(original), requestHasContent, response: message, times, generation: 0 };
  return storability(storing, presets[preset]);
}

function ourReuse(stored: StoredResponse, { presented, after }: Scenario, config: PolicyConfig): Answers {
  const now = stored.responseTime + after * 1000;
  const asked = { request: requestHead(presented), hasContent: presented.hasContent, candidates: [stored], now };
  return {
    stored: true,
    lifetime: stored.alwaysValidate ? 0 : stored.freshness.lifetime,
    age: currentAge(stored, now),
    served: decideReuse(asked, config).kind === 'reuse',
    servedOnError: mayServeOnError(stored, now),
    preconditions: shownPreconditions(eachField(stored.preconditions)),
  };
}

/** The two clocks differ, so that a mix-up shows. */
function timesAt(seconds: number, delay: number): ExchangeTimes {
  const responseTime = steady + seconds * 1000;
  return { requestTime: responseTime - delay * 1000, responseTime, responseWallTime: wall + seconds * 1000 };
}

/** The head of a request as it reaches the policy. */
export function requestHead(asked: Asked): RequestHead {
  const fields = fieldsOf(...linesOf(asked));
  return { method: asked.method, scheme: 'http', authority: 'shop.test', target: '/a', version: '1.1', fields };
}

/** The head of a response as it comes. */
export function answerHead(answered: Answered): ResponseHead {
  return { status: answered.status, fields: fieldsOf(...linesOfAnswer(answered)) };
}
