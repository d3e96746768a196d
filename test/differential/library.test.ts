import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answers, libraryAnswers, ourAnswers, questions } from './answers.ts';
import { scenarios } from './generator.ts';
import { rules } from './rules.ts';
import { linesOf, linesOfAnswer, type Scenario } from './scenario.ts';

/**
 * The bare library and our policy get the same generated messages, and wherever they answer differently a rule of the closed list must say why.
 */

/** How many divergences a rule explained. */
type Counts = Map<string, number>;

/** In which questions they differ. Where only one of them stores a response at all, the other questions are not asked. */
function divergences(ours: Answers, theirs: Answers): (keyof Answers)[] {
  for (const question of ['identified', 'stored'] as const) {
    if (ours[question] !== theirs[question]) return [question];
  }
  return questions.filter((question) => ours[question] !== theirs[question]);
}

/**
 * Throws unless the library comes to all our answers once everything is mended to which a rule applies. The one rule that explains a divergence
 * is that whose mending brought the two answers together.
 */
function explain(scenario: Scenario, counts: Counts): void {
  const answers = ourAnswers(scenario);
  // What was not stored can't be updated: then storing it is the question.
  const told = answers === undefined ? { ...scenario, update: undefined } : scenario;
  const ours = answers ?? { stored: false };
  const explainedBy = new Map<keyof Answers, string | undefined>();
  for (const question of divergences(ours, libraryAnswers(told))) explainedBy.set(question, undefined);
  let mended = told;
  for (const rule of rules) {
    if (!rule.when(mended)) continue;
    mended = rule.mend(mended);
    if (explainedBy.size === 0) continue;
    const theirs = libraryAnswers(mended);
    for (const [question, earlier] of explainedBy) {
      explainedBy.set(question, ours[question] === theirs[question] ? (earlier ?? rule.name) : undefined);
    }
  }
  const theirs = libraryAnswers(mended);
  const unexplained = divergences(ours, theirs);
  if (unexplained.length > 0) throw new Error(shown(told, unexplained, ours, theirs));
  for (const name of explainedBy.values()) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function shown(scenario: Scenario, unexplained: readonly string[], ours: Answers, theirs: Answers): string {
  const { original, response, update, presented, ...rest } = scenario;
  const story = {
    ...rest,
    original: [original.method, ...linesOf(original)],
    response: [response.status, ...linesOfAnswer(response)],
    update: update && { after: update.after, by: linesOf(update.by), news: linesOfAnswer(update.news) },
    presented: [presented.method, ...linesOf(presented)],
  };
  const verdict = `ours ${JSON.stringify(ours)}\nthe library's, mended ${JSON.stringify(theirs)}`;
  return `no rule explains ${unexplained.join()}\n${verdict}\n${JSON.stringify(story, undefined, 1)}`;
}

function run(seed: number, numRuns: number): Counts {
  const counts: Counts = new Map();
  fc.assert(
    fc.property(scenarios, (scenario) => explain(scenario, counts)),
    { seed, numRuns },
  );
  return counts;
}

describe('http-cache-semantics, bare, and this policy', () => {
  it('part by the rules of the list alone, and need every one of them', () => {
    const counts = run(1, 5_000);
    expect([...counts.keys()].sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it('part by them alone whatever is said', () => {
    const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31);
    console.log(`DIFFERENTIAL_SEED=${seed}`);
    const counts = run(seed, Number(process.env['DIFFERENTIAL_RUNS'] ?? 1_000));
    expect(counts.size).toBeGreaterThan(rules.length / 2);
  });
});

describe('docs/http-cache-semantics.md', () => {
  it('has a row for each rule, in the same words', () => {
    const page = readFileSync(new URL('../../docs/http-cache-semantics.md', import.meta.url), 'utf8');
    const [, list = ''] = page.split('## The same, found by chance');
    const rows = list.split('\n').filter((line) => line.startsWith('| '));
    const right = { etagere: 'Etagere', both: 'both' } as const;
    const expected = rules.map((rule) => `| ${rule.name} | ${rule.section} | ${right[rule.right]} | ${rule.why} |`);
    expect(rows.slice(1)).toEqual(expected);
  });
});
