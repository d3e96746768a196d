import { forbidden, heuristicallyCacheable } from './meaning.ts';
import { aboutJudged, judging, type Rule } from './rule.ts';
import { type Control, has } from './scenario.ts';

const hasBroken = (control: Control | undefined): boolean => control?.some(({ kind }) => kind === 'broken') === true;

/** About what is stored at all. */
export const storingRules: readonly Rule[] = [
  aboutJudged({
    name: 'statuses',
    section: 'RFC 9111 §3',
    right: 'etagere',
    why: 'any final status with an explicit lifetime may be stored, but for four (RFC 6585); the library stores a few',
    when: ({ message: { status } }) =>
      !heuristicallyCacheable.has(status) && ![206, 304, 416, 428, 429, 431, 511].includes(status),
    mend: ({ message }, scenario) => judging(scenario, { ...message, status: 302 }),
  }),
  aboutJudged({
    name: 'Set-Cookie',
    section: 'RFC 9111 §7.3',
    right: 'both',
    why: 'by default not stored, or stored without Set-Cookie if marked as shared; by the letter stored like any field. The library stores it, mostly as stale',
    when: ({ message }) => message.setCookie,
    mend: ({ message }, scenario) => {
      const shared = scenario.preset === 'rfc' || has(message.control, 'public', 's-maxage');
      const left = { ...message, setCookie: false };
      return judging(scenario, shared ? left : forbidden(left));
    },
  }),
  aboutJudged({
    name: 'Cache-Control that can not be read',
    section: 'RFC 9111 §4.2.1',
    right: 'etagere',
    why: 'in doubt it forbids; the library may read a directive in it that is not there, and miss one that is',
    when: ({ message, by }) => hasBroken(message.control) || hasBroken(by.control),
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'Vary that never matches',
    section: 'RFC 9111 §4.1',
    right: 'both',
    why: 'what could never be selected is not worth storing',
    when: ({ message }) => message.vary?.means === 'never',
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'Vary on what a proxy writes',
    section: 'RFC 9111 §4.1',
    right: 'both',
    why: 'the origin sees another X-Forwarded-For than the one that the client sent, so requests can not be matched by it',
    when: ({ message }) => message.vary?.means !== 'never' && message.vary?.means.includes('x-forwarded-for') === true,
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'Vary without bounds',
    section: 'RFC 9111 §3',
    right: 'both',
    why: 'nothing obliges a cache to store; a key has a limit',
    when: ({ message }) => message.vary?.means !== 'never' && (message.vary?.means.length ?? 0) > 16,
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'responses to HEAD and POST',
    section: 'RFC 9111 §3',
    right: 'both',
    why: 'they may be stored; one to HEAD has no content, and one to POST answers a GET only if its Content-Location says so',
    when: ({ by }) => by.method !== 'GET',
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
  aboutJudged({
    name: 'requests with content',
    section: 'RFC 9110 §9.3.1',
    right: 'etagere',
    why: 'their content is no part of the key, so what it brought could answer others',
    when: ({ by }) => by.hasContent,
    mend: ({ message }, scenario) => judging(scenario, forbidden(message)),
  }),
];
