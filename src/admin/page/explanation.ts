import type { Advice } from '../../explain/advice.ts';
import type {
  Candidate,
  ExplainedAnswer,
  ExplainedDetail,
  ExplainedKey,
  Explanation,
  Freshness,
  LookedAt,
} from '../../explain/explanation.ts';
import type { Finding } from '../../explain/finding.ts';
import type { LiveExplanation } from '../../explain/live-explanation.ts';
import { changeList } from './change-list.ts';
import { type Child, element, withCode } from './dom.ts';
import { fieldList } from './entry-details.ts';
import { duration } from './format.ts';

/** An explanation as cards: what becomes of the request, what to change, and then why, step by step. */
export function explanationOf(explanation: LiveExplanation): HTMLElement[] {
  const { key, route, advice, rules, candidates, asks, answer, findings } = explanation;
  const cards = [verdict(explanation)];
  if (advice.length > 0)
    cards.push(card('What would make it a hit', ...advice.map((each, i) => adviceOf(each, i, route))));
  cards.push(card('The rules, in order', ruleList(rules)));
  cards.push(
    card(
      'What is stored',
      ...(candidates.length === 0
        ? [element('p', {}, 'Nothing is stored under this key.')]
        : candidates.map(candidateOf)),
    ),
  );
  if (asks !== undefined) cards.push(card('What the origin would be asked for', asked(asks)));
  if (answer !== undefined) cards.push(card('What the origin answered', ...answerOf(answer)));
  if (findings.length > 0)
    cards.push(card('What else there is to say of the response', ...findings.map((each) => findingOf(each, route))));
  cards.push(card('The key', keyOf(key)));
  return cards;
}

function card(title: string, ...children: readonly Child[]): HTMLElement {
  return element('section', { class: 'card' }, element('h3', {}, title), ...children);
}

function verdict({ hit, summary, cacheStatus, details, route, decidedBy, fillInProgress }: Explanation): HTMLElement {
  const facts: (readonly [string, Child])[] = [
    ['Cache-Status', element('code', {}, cacheStatus)],
    ['Decided by', `${decidedBy.name} (${decidedBy.section})`],
    ['Route', route],
  ];
  if (fillInProgress)
    facts.push(['Just now', 'the origin is being asked for it: this request would wait for that answer']);
  return element(
    'section',
    { class: `card verdict ${hit ? 'hit' : 'miss'}` },
    element('h3', {}, summary),
    definitions(facts),
    ...details.map(detailOf),
  );
}

function detailOf({ code, meaning, section, remedy }: ExplainedDetail): HTMLElement {
  return element(
    'p',
    {},
    element('code', {}, code),
    ': ',
    ...withCode(meaning),
    section === '—' ? ' ' : ` (${section}) `,
    element('span', { class: 'remedy' }, ...withCode(remedy)),
  );
}

function adviceOf({ changes, cautions, cacheStatus }: Advice, i: number, route: string): HTMLElement {
  return element(
    'div',
    {},
    ...(i === 0 ? [] : [element('p', { class: 'or' }, 'or')]),
    changeList(changes, route),
    ...cautions.map((caution) => element('p', { class: 'caution' }, ...withCode(caution))),
    element('p', { class: 'hint' }, 'The next request then gets ', element('code', {}, cacheStatus)),
  );
}

function ruleList(rules: readonly LookedAt[]): HTMLElement {
  const items = rules.map(({ name, section, applied }) =>
    element(
      'li',
      { class: applied ? 'applied' : 'passed' },
      element('span', { class: 'mark' }, applied ? 'applies' : 'no'),
      ` ${name} `,
      element('span', { class: 'hint' }, section),
    ),
  );
  return element('ol', { class: 'rules' }, ...items);
}

function candidateOf(candidate: Candidate): HTMLElement {
  const { status, selected, because, differs, etag, lastModified, part } = candidate;
  const facts: (readonly [string, Child])[] = [['Status', String(status)], ...freshnessOf(candidate)];
  if (candidate.alwaysValidate) facts.push(['no-cache', 'validated before each use']);
  if (candidate.staleWhileRevalidate > 0)
    facts.push(['stale-while-revalidate', duration(candidate.staleWhileRevalidate)]);
  if (candidate.staleIfError > 0) facts.push(['Stale if 5xx', duration(candidate.staleIfError)]);
  if (candidate.staleIfUnreachable > 0) facts.push(['Stale if unreachable', duration(candidate.staleIfUnreachable)]);
  if (candidate.staleIfTooManyRequests > 0) facts.push(['Stale if 429', duration(candidate.staleIfTooManyRequests)]);
  if (part !== undefined) facts.push(['Part', part]);
  if (etag !== undefined) facts.push(['ETag', element('code', {}, etag)]);
  if (lastModified !== undefined) facts.push(['Last-Modified', lastModified]);
  for (const { field, stored, presented } of differs) {
    facts.push([field, `stored for ${quoted(stored)}, asked with ${quoted(presented)}`]);
  }
  return element(
    'div',
    { class: `candidate ${selected ? 'selected' : ''}` },
    element('h4', {}, selected ? 'Selected: ' : 'Not selected: ', because),
    definitions(facts),
  );
}

function freshnessOf({ age, lifetime, ttl }: Freshness): (readonly [string, Child])[] {
  const parts = `${duration(age.initial)} when it came, ${duration(age.resident)} here`;
  return [
    ['Age', `${duration(age.total)} (${parts})`],
    ['Lifetime', `${duration(lifetime.seconds)} (${lifetime.from})`],
    ['Time to live', duration(ttl)],
  ];
}

function quoted(value: string | null): string {
  return value === null ? 'none' : `“${value}”`;
}

function asked(fields: readonly (readonly [string, string])[]): HTMLElement {
  return fields.length === 0 ? element('p', {}, 'What the client asks for, as it is.') : fieldList(fields);
}

function answerOf(answer: ExplainedAnswer): HTMLElement[] {
  const { status, storable, decidedBy, rules, age, lifetime, ttl } = answer;
  const facts: (readonly [string, Child])[] = [
    ['Status', String(status)],
    ['Storable', storable ? 'yes' : 'no'],
    ['Decided by', `${decidedBy.name} (${decidedBy.section})`],
  ];
  if (age !== undefined && lifetime !== undefined && ttl !== undefined)
    facts.push(...freshnessOf({ age, lifetime, ttl }));
  return [definitions(facts), ruleList(rules)];
}

function findingOf(finding: Finding, route: string): HTMLElement {
  const { code, severity, section, what, remedy, changes } = finding;
  return element(
    'div',
    { class: `finding ${severity}` },
    element('h4', {}, severity, ': ', element('code', {}, code)),
    element('p', {}, what, section === '—' ? '' : ` (${section})`),
    element('p', { class: 'remedy' }, ...withCode(remedy)),
    ...(changes.length === 0 ? [] : [changeList(changes, route)]),
  );
}

function keyOf({ scheme, authority, target, nominated }: ExplainedKey): HTMLElement {
  const facts: (readonly [string, Child])[] = [
    ['Scheme', scheme],
    ['Authority', authority],
    ['Target', element('code', {}, target)],
  ];
  for (const [name, value] of Object.entries(nominated)) facts.push([name, quoted(value)]);
  return definitions(facts);
}

function definitions(facts: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  const pairs = facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return element('dl', { class: 'facts' }, ...pairs);
}
