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
import { type Child, element, withCode } from './dom.ts';
import { fieldList } from './entry-details.ts';
import { duration } from './format.ts';

/** An explanation as cards: what becomes of the request, what to change, and then why, step by step. */
export function explanationOf(explanation: Explanation): HTMLElement[] {
  const { key, route, advice, rules, candidates, asks, answer } = explanation;
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
  const places = {
    origin: 'At the origin',
    client: 'In the request',
    configuration: `In the configuration, route ${route}`,
  } as const;
  const items = changes.map(({ at, what, setting, before, after }) =>
    element(
      'li',
      {},
      `${places[at]}: `,
      element('b', {}, setting ?? what),
      ' ',
      ...(before === null ? [] : [element('del', {}, before), ' ']),
      after === null ? 'leave it out' : element('ins', {}, after),
    ),
  );
  return element(
    'div',
    { class: 'advice' },
    ...(i === 0 ? [] : [element('p', { class: 'or' }, 'or')]),
    element('ul', {}, ...items),
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
