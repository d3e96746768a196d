import { libraryIdentifies } from './answers.ts';
import { aboutJudged, type Claim, judging, type Rule } from './rule.ts';
import type { Answered, Scenario, Update } from './scenario.ts';

/** A rule that decides whether the 304 is about the stored response. */
function aboutIdentity(
  rule: Claim & {
    readonly when: (news: Answered, stored: Answered) => boolean;
    readonly identified: boolean;
  },
): Rule {
  const { identified, ...claim } = rule;
  return {
    ...claim,
    when: ({ update, response }) => update !== undefined && rule.when(update.news, response),
    mend: (scenario) => changed(scenario, { identified }),
  };
}

function changed(scenario: Scenario, change: Partial<Update>): Scenario {
  return { ...scenario, update: scenario.update && { ...scenario.update, ...change } };
}

/** About what a 304 tells (RFC 9111 §4.3.4). The last of them leave a response that is judged like any other. */
export const updateRules: readonly Rule[] = [
  aboutIdentity({
    name: 'a strong tag in a 304 for a weak one',
    section: 'RFC 9111 §4.3.4',
    right: 'etagere',
    why: 'they are compared strongly, so the 304 is about something else',
    when: ({ etag }, stored) =>
      etag?.opaque !== undefined && !etag.weak && stored.etag?.weak === true && stored.etag.opaque === etag.opaque,
    identified: false,
  }),
  aboutIdentity({
    name: 'a tag that only the 304 has',
    section: 'RFC 9111 §4.3.4',
    right: 'etagere',
    why: 'it identifies no stored response that has none, even if Last-Modified is the same',
    when: ({ etag }, stored) => etag?.opaque !== undefined && stored.etag?.opaque === undefined,
    identified: false,
  }),
  aboutIdentity({
    name: 'a 304 without a validator to compare',
    section: 'RFC 9111 §4.3.3',
    right: 'both',
    why: 'it answers a question about one stored response, which can be updated and reused; the library misses a validator',
    when: ({ etag, lastModified }, stored) =>
      etag?.opaque === undefined && (lastModified === undefined || stored.lastModified?.at === undefined),
    identified: true,
  }),
  {
    name: 'fields that a 304 adds',
    section: 'RFC 9111 §3.2',
    right: 'etagere',
    why: 'each field is added to the stored response; the library only replaces',
    when: (scenario) => scenario.update !== undefined && libraryIdentifies(scenario),
    mend: (scenario) => {
      const { response, update } = scenario;
      if (update === undefined) return scenario;
      const { news } = update;
      const merged: Answered = {
        status: response.status,
        // That of the stored response was not stored.
        setCookie: news.setCookie,
        control: news.control ?? response.control,
        targeted: news.targeted ?? response.targeted,
        pragma: news.pragma ?? response.pragma,
        date: news.date ?? response.date,
        expires: news.expires ?? response.expires,
        lastModified: news.lastModified ?? response.lastModified,
        age: news.age ?? response.age,
        etag: news.etag ?? response.etag,
        vary: news.vary ?? response.vary,
      };
      return changed(scenario, { merged });
    },
  },
  aboutJudged({
    name: 'the Age of before a validation',
    section: 'RFC 9111 §4.2.3',
    right: 'etagere',
    why: 'the age is counted from the validation; the library keeps an Age that the 304 does not replace',
    when: (_judged, { update }) => update !== undefined && update.news.age === undefined,
    mend: ({ message }, scenario) => judging(scenario, { ...message, age: undefined }),
  }),
  aboutJudged({
    name: 'a 304 without Date',
    section: 'RFC 9110 §6.6.1',
    right: 'etagere',
    why: 'it came now; the library keeps the Date of before, and with it what is left of Expires',
    when: (_judged, { update }) => update !== undefined && update.news.date === undefined,
    mend: ({ message }, scenario) => judging(scenario, { ...message, date: undefined }),
  }),
];
