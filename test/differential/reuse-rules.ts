import type { Seconds } from '../../src/http/message.ts';
import { libraryTimeToLive } from './answers.ts';
import { forbidden, wantsValidation, withControl, withoutMaxStale } from './meaning.ts';
import { aboutJudged, broughtBy, type Judged, judging, type Rule } from './rule.ts';
import { type Answered, type Asked, has, named, plain, wantingValidation, without } from './scenario.ts';

/** Whether something in it forbids to serve it stale (RFC 9111 §4.2.4). */
const forbidsStale = (message: Answered): boolean =>
  has(message.control, 'must-revalidate', 'proxy-revalidate', 's-maxage') || wantsValidation(message);

const unknownImmutable = 'x-immutable';

const wantsAgeZero = ({ control }: Asked): boolean =>
  named(control, 'max-age').some(({ argument }) => Number(argument?.value ?? 0) === 0);

/** RFC 9111 §4.2.3: the greater of what Date and Age tell. */
function initialAge({ message, arrival, delay }: Judged): Seconds {
  const apparent = arrival - (message.date?.at ?? arrival);
  return Math.max(apparent, (message.age?.means ?? 0) + delay);
}

/** About what a response means for reusing it. */
export const reuseRules: readonly Rule[] = [
  aboutJudged({
    name: 'immutable',
    section: 'RFC 8246 §2',
    right: 'etagere',
    why: 'it forbids needless validation while fresh, and gives no lifetime; the library makes it a day',
    when: ({ message }) => has(message.control, 'immutable'),
    // Left in under a name that the library does not know, for a rule below.
    mend: ({ message }, scenario) =>
      judging(scenario, withControl(message, [...without(message.control, 'immutable'), plain(unknownImmutable)])),
  }),
  aboutJudged({
    name: 'what forbids to serve stale',
    section: 'RFC 9111 §4.2.4',
    right: 'etagere',
    why: 'no-cache, must-revalidate, proxy-revalidate and s-maxage win over max-stale, stale-while-revalidate and stale-if-error',
    when: ({ message }) => forbidsStale(message),
    mend: ({ message }, scenario) => {
      const left = withoutMaxStale(scenario);
      if (message.control === undefined) return left;
      return judging(left, withControl(message, without(message.control, 'stale-while-revalidate', 'stale-if-error')));
    },
  }),
  aboutJudged({
    name: 'an origin that fails',
    section: 'RFC 9111 §4.2.4',
    right: 'both',
    why: 'a disconnected cache may serve stale, and with `--preset rfc` does; the library only within stale-if-error',
    when: ({ message }, { preset }) =>
      preset === 'rfc' && !forbidsStale(message) && !has(message.control, 'stale-if-error'),
    mend: ({ message }, scenario) =>
      judging(scenario, withControl(message, [...(message.control ?? []), plain('stale-if-error', 2 ** 31)])),
  }),
  aboutJudged({
    name: 'proxy-revalidate while fresh',
    section: 'RFC 9111 §5.2.2.8',
    right: 'etagere',
    why: 'it is about what has become stale; the library takes it for a lifetime of 0',
    when: ({ message }) => has(message.control, 'proxy-revalidate'),
    mend: ({ message }, scenario) =>
      judging(scenario, withControl(message, without(message.control, 'proxy-revalidate'))),
  }),
  aboutJudged({
    name: 'must-revalidate while fresh',
    section: 'RFC 9111 §5.2.2.2',
    right: 'etagere',
    why: 'it is about what has become stale; the library never serves without validation',
    when: ({ message }) => has(message.control, 'must-revalidate'),
    // It also permits to store what a request with Authorization brought, which must not be lost with it.
    mend: ({ message, by }, scenario) =>
      judging(
        broughtBy(scenario, { ...by, authorized: false }),
        withControl(message, without(message.control, 'must-revalidate')),
      ),
  }),
  aboutJudged({
    name: 'the Date as an age',
    section: 'RFC 9111 §4.2.3',
    right: 'etagere',
    why: 'an old Date, and the time that the response took, count as well; the library counts Age alone',
    when: (judged) => initialAge(judged) !== (judged.message.age?.means ?? 0),
    mend: (judged, scenario) => {
      const means = initialAge(judged);
      return judging(scenario, { ...judged.message, age: { lines: [String(means)], means } });
    },
  }),
  aboutJudged({
    name: 'what could never be reused',
    section: 'RFC 9111 §3',
    right: 'both',
    why: 'neither fresh nor to be validated, it is not worth storing',
    when: ({ message }, scenario) =>
      message.etag?.opaque === undefined && message.lastModified?.at === undefined && libraryTimeToLive(scenario) <= 0,
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'a reload of what is immutable',
    section: 'RFC 8246 §2.1',
    right: 'both',
    why: 'while it is fresh, `max-age=0` is no reason to ask the origin; `no-cache` is',
    when: ({ message }, { presented }) => has(message.control, unknownImmutable) && wantsAgeZero(presented),
    mend: ({ message }, scenario) => {
      const { presented } = scenario;
      const onlyFresh = { ...presented, control: without(presented.control, 'max-age', 'max-stale') };
      const left = withControl(message, without(message.control, 'stale-while-revalidate'));
      return judging({ ...scenario, presented: onlyFresh }, left);
    },
  }),
  {
    name: 'max-age=0 in a request',
    section: 'RFC 9111 §5.2.1.1',
    right: 'both',
    why: 'by the letter a response of age 0 will do; who sends it wants the origin to be asked',
    when: ({ presented }) => wantsAgeZero(presented),
    mend: (scenario) => ({ ...scenario, presented: wantingValidation(scenario.presented) }),
  },
];
