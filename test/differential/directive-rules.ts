import type { Seconds } from '../../src/http/message.ts';
import {
  forbidden,
  hasExplicitLifetime,
  heuristicallyCacheable,
  wantsValidation,
  withControl,
  withoutMaxStale,
} from './meaning.ts';
import { aboutJudged, type Judged, judging, type Rule } from './rule.ts';
import { type Answered, type Asked, type Control, has, named, plain, wantingValidation, without } from './scenario.ts';
import { isFieldToKeepBack } from './spelling-rules.ts';

/** RFC 9110 §15: every final status that it defines, without 206 and 304. */
const defined = new Set(
  [
    [200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308],
    [400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426],
    [500, 501, 502, 503, 504, 505],
  ].flat(),
);

/** Whether each directive of that name is only about fields that can be kept back. */
const isQualified = (control: Control | undefined, name: string): boolean =>
  named(control, name).every(({ argument }) => argument !== null && isFieldToKeepBack(argument.value));

const hasCredentials = ({ authorized, cookie }: Asked): boolean => authorized || cookie !== undefined;

/** Of the time since Last-Modified (RFC 9111 §4.2.2); undefined where a heuristic does not apply. */
function timeSinceModification({ message, arrival }: Judged): Seconds | undefined {
  const { status, control, lastModified, date } = message;
  if (hasExplicitLifetime(message) || wantsValidation(message) || lastModified?.at === undefined) return undefined;
  if (!heuristicallyCacheable.has(status) && !has(control, 'public')) return undefined;
  const since = (date?.at ?? arrival) - lastModified.at;
  return since > 0 ? since : undefined;
}

const withLifetime = (message: Answered, seconds: Seconds): Answered =>
  withControl(message, [...(message.control ?? []), plain('max-age', seconds)]);

const day = 86_400;

/** About what the directives of a response mean, and what is made of a response that has none for a lifetime. */
export const directiveRules: readonly Rule[] = [
  aboutJudged({
    name: 'targeted fields',
    section: 'RFC 9213 §2.1',
    right: 'both',
    why: 'a valid CDN-Cache-Control counts in place of Cache-Control, Expires and Pragma',
    when: ({ message }) => message.targeted !== undefined,
    mend: ({ message }, scenario) => {
      const control = message.targeted?.means;
      const left = { ...message, targeted: undefined };
      if (control === undefined) return judging(scenario, left);
      return judging(scenario, { ...left, control, expires: undefined, pragma: undefined });
    },
  }),
  aboutJudged({
    name: 'qualified no-cache, once stale',
    section: 'RFC 9111 §4.2.4',
    right: 'both',
    why: 'whether `no-cache="x"` forbids to serve stale is not said; in doubt it does',
    when: ({ message }) => has(message.control, 'no-cache') && isQualified(message.control, 'no-cache'),
    mend: ({ message }, scenario) => {
      const left = without(message.control, 'stale-while-revalidate', 'stale-if-error');
      return judging(withoutMaxStale(scenario), withControl(message, [...left, plain('stale-if-error', 0)]));
    },
  }),
  aboutJudged({
    name: 'qualified no-cache and private',
    section: 'RFC 9111 §5.2.2.4, §5.2.2.7',
    right: 'both',
    why: 'they are about the fields that they name; the library takes them for the bare directives, which is allowed',
    when: ({ message }) => has(message.control, 'no-cache', 'private'),
    mend: ({ message }, scenario) => {
      const control = ['no-cache', 'private'].reduce<Control>((mended, name) => {
        const left = without(mended, name);
        return isQualified(mended, name) ? left : [...left, plain(name)];
      }, message.control ?? []);
      return judging(scenario, withControl(message, control));
    },
  }),
  aboutJudged({
    name: 'must-understand',
    section: 'RFC 9111 §5.2.2.3',
    right: 'etagere',
    why: 'no-store beside it does not count for a known status, and an unknown one is not stored',
    when: ({ message }) => has(message.control, 'must-understand'),
    mend: ({ message }, scenario) => {
      const understood = withControl(message, without(message.control, 'no-store', 'must-understand'));
      return judging(scenario, defined.has(message.status) ? understood : forbidden(message));
    },
  }),
  aboutJudged({
    name: 'guesses for requests with credentials',
    section: 'RFC 9111 §7.3',
    right: 'both',
    why: 'a heuristic is allowed; by default we make none where the answer may be personal',
    when: ({ by, message }, { preset, presented }) =>
      preset === 'safe' && !hasExplicitLifetime(message) && (hasCredentials(by) || hasCredentials(presented)),
    mend: ({ by, message }, scenario) => {
      if (hasCredentials(by) && !wantsValidation(message)) return judging(scenario, forbidden(message));
      const { presented } = scenario;
      return hasCredentials(presented) ? { ...scenario, presented: wantingValidation(presented) } : scenario;
    },
  }),
  aboutJudged({
    name: 'guesses for errors',
    section: 'RFC 9111 §4.2.2',
    right: 'both',
    why: 'a heuristic is allowed; by default we make none, so that an error does not stay, unless it says public',
    when: (judged, { preset }) =>
      preset === 'safe' &&
      judged.message.status >= 400 &&
      !has(judged.message.control, 'public') &&
      timeSinceModification(judged) !== undefined,
    mend: ({ message }, scenario) => judging(scenario, withLifetime(message, 0)),
  }),
  aboutJudged({
    name: 'guesses that end',
    section: 'RFC 9111 §4.2.2',
    right: 'both',
    why: 'a lifetime is a number of whole seconds; by default a guess lasts a day at most',
    when: (judged) => timeSinceModification(judged) !== undefined,
    mend: (judged, scenario) => {
      const guess = Math.floor((timeSinceModification(judged) ?? 0) * 0.1);
      const limit = scenario.preset === 'safe' ? day : Number.POSITIVE_INFINITY;
      return judging(scenario, withLifetime(judged.message, Math.min(guess, limit)));
    },
  }),
];
