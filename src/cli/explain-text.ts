import { styleText } from 'node:util';
import type { Advice, Change } from '../explain/advice.ts';
import type { Candidate, Explanation, LookedAt } from '../explain/explanation.ts';
import type { Finding } from '../explain/finding.ts';
import { shownName } from '../explain/field-names.ts';
import type { ExplainReport, ReportedRequest } from './explain-report.ts';
import { printable } from './printable.ts';
import { variantHint } from './variant-hint.ts';

export interface TextOptions {
  readonly colours: boolean;
  /** Whether every rule that was looked at is shown, not only the one that decided. */
  readonly rules: boolean;
  /** Whether the cache may run by a configuration file: then its settings are called what they are there, and not by flags. */
  readonly byFile: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Columns that lines are filled to. */
const width = 100;

/** A report for a person at a terminal. */
export function explainText(report: ExplainReport, options: TextOptions): string {
  return new Writer(options).report(report);
}

/** Lines with their indentation and colours. */
class Writer {
  readonly #options: TextOptions;
  readonly #lines: string[] = [];

  constructor(options: TextOptions) {
    this.#options = options;
  }

  report({ url, asked, requests, response, findings, hit }: ExplainReport): string {
    const [whom, where] =
      'origin' in asked ? ['asked of the origin', asked.origin] : ['as the cache stands at', asked.admin];
    this.#say(0, `${this.#styled('bold', `${requests[0]?.explanation.method ?? 'GET'} ${url}`)}, ${whom} ${where}`);
    if (response !== undefined) this.#head(response);
    for (const [index, request] of requests.entries()) this.#request(request, requests[index - 1]);
    this.#advice(adviceOf(requests));
    this.#findings(findings);
    this.#say(0, '');
    this.#say(0, this.#styled(hit ? 'green' : 'yellow', verdictOf(hit, requests)));
    return `${this.#lines.join('\n')}\n`;
  }

  #head({ status, fields }: NonNullable<ExplainReport['response']>): void {
    this.#say(0, '');
    this.#say(2, `${status}`);
    for (const [name, value] of fields) this.#say(2, this.#styled('dim', `${shownName(name)}: ${value}`));
  }

  #request({ which, answered, explanation }: ReportedRequest, before: ReportedRequest | undefined): void {
    const status = answered?.cacheStatus ?? explanation.cacheStatus;
    this.#say(0, '');
    this.#say(
      0,
      `${this.#styled('bold', titles[which])}  ${this.#styled(explanation.hit ? 'green' : 'yellow', status)}`,
    );
    if (answered?.endless !== undefined)
      this.#fill(2, `The origin's answer had no end within ${answered.endless}, and was broken off: it is not stored.`);
    else if (answered?.error !== undefined) {
      const { error, errorDetail } = answered;
      const why = errorDetail === undefined ? error : `${errorDetail} (${error})`;
      this.#fill(2, `There was no answer of the origin: ${why}. docs/errors.md says what to do.`);
      return;
    }
    // What is no hit twice for the same reason need not be told twice.
    if (before !== undefined && before.explanation.summary === explanation.summary && !explanation.hit) {
      this.#say(2, 'For the same reason.');
      return;
    }
    this.#fill(2, explanation.summary);
    this.#key(explanation);
    for (const candidate of explanation.candidates) this.#candidate(candidate);
    const hint = which === 'next' ? variantHint(explanation) : undefined;
    if (hint !== undefined) this.#row('ask', `with ${hint} for what is stored`);
    this.#rules('rule', explanation.rules, explanation.decidedBy);
    this.#next(explanation);
    this.#answer(explanation);
  }

  #key({ key, route, fillInProgress }: Explanation): void {
    const { scheme, authority, target, nominated } = key;
    this.#row('key', [scheme, authority, target].join('  '));
    for (const [name, value] of Object.entries(nominated))
      this.#row('', `${shownName(name)}: ${value ?? '(not there)'}`);
    if (route !== 'default') this.#row('route', route);
    if (fillInProgress) this.#row('origin', 'is being asked for it just now: this request may wait for that answer');
  }

  #candidate(candidate: Candidate): void {
    const { status, selected, because, differs, age, lifetime, ttl, etag, lastModified, part, alwaysValidate } =
      candidate;
    this.#row(selected ? 'stored' : 'other', `${status}${part === undefined ? '' : ` (${part})`}: ${because}`);
    for (const { field, stored, presented } of differs)
      this.#row('', `${shownName(field)}: stored ${shown(stored)}, asked with ${shown(presented)}`);
    this.#row('', `age ${age.total} s = ${age.initial} s when it came + ${age.resident} s here`);
    this.#row('', `lifetime ${lifetime.seconds} s: ${lifetime.from}`);
    const left = ttl > 0 ? `fresh for another ${ttl} s` : `stale for ${-ttl} s`;
    const stale = staleWindows(candidate);
    this.#row('', [alwaysValidate ? `${left}, and validated before each use` : left, ...stale].join('; '));
    const validator = etag ?? lastModified;
    this.#row('', validator === undefined ? 'no validator' : `validator ${validator}`);
  }

  #rules(label: string, rules: readonly LookedAt[], { name, section }: Explanation['decidedBy']): void {
    const passed = rules.filter(({ applied }) => !applied);
    if (this.#options.rules) {
      for (const rule of passed) this.#say(10, this.#styled('dim', `did not apply: ${rule.name} (${rule.section})`));
    }
    const after = passed.length === 0 ? '' : `, after ${passed.length} that did not apply`;
    this.#row(label, `${name} (${section})${after}`);
  }

  #next({ asks, outcome, candidates, answer }: Explanation): void {
    if (asks === undefined) return;
    const isUnknown = candidates.length === 0 && answer === undefined;
    const conditions = asks.map(([name, value]) => `${shownName(name)}: ${value}`);
    if (conditions.length > 0) this.#row('next', `the origin is asked with ${conditions.join(' and ')}`);
    else this.#row('next', outcome === 'validate' ? 'the origin is asked for it anew' : 'the origin is asked');
    if (isUnknown) this.#row('', 'what it answers is not known here: ask the origin, by explain without --admin');
  }

  #answer({ answer }: Explanation): void {
    if (answer === undefined) return;
    this.#row(
      'answer',
      `${answer.status}, ${answer.storable ? 'which goes onto the shelf' : 'which does not go onto the shelf'}`,
    );
    this.#rules('rule', answer.rules, answer.decidedBy);
    const { age, lifetime } = answer;
    if (age !== undefined && lifetime !== undefined)
      this.#row('', `age ${age.total} s when it came, lifetime ${lifetime.seconds} s: ${lifetime.from}`);
  }

  #advice({ advice, route, remedies }: ReturnType<typeof adviceOf>): void {
    if (advice.length === 0 && remedies.length === 0) return;
    this.#say(0, '');
    this.#say(0, this.#styled('bold', advice.length === 0 ? 'What to do' : 'What would make it a hit'));
    for (const remedy of advice.length === 0 ? remedies : []) this.#fill(2, plain(remedy));
    for (const [index, each] of advice.entries()) {
      if (index > 0) this.#say(2, 'or');
      this.#changes(each.changes, route);
      this.#fill(2, `then ${each.cacheStatus}. ${plain(each.cautions.join(' '))}`);
    }
  }

  #changes(changes: readonly Change[], route: string): void {
    const { byFile } = this.#options;
    for (const change of changes) {
      const { at, what, before, after } = change;
      const isOfRoute = at === 'configuration' && byFile && route !== 'default';
      this.#say(2, printable(`${places[at]}${isOfRoute ? `, for the route ${route}` : ''}:`));
      if (at === 'configuration') {
        const text = byFile ? settingText(change, route) : flagText(change);
        this.#say(4, this.#styled('green', `+ ${text}`));
      } else {
        if (before !== null) this.#say(4, this.#styled('red', `- ${what}: ${before}`));
        if (after !== null) this.#say(4, this.#styled('green', `+ ${what}: ${after}`));
      }
    }
  }

  #findings(findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    this.#say(0, '');
    this.#say(0, this.#styled('bold', 'What else there is to say of the response'));
    for (const { code, severity, section, what, remedy, changes } of findings) {
      const source = section === '—' ? '' : ` (${section})`;
      this.#say(2, `${this.#styled(severityStyles[severity], severity)} ${code}${source}`);
      this.#fill(4, what);
      this.#fill(4, plain(remedy));
      for (const { what: name, before, after } of changes) {
        if (before !== null) this.#say(4, this.#styled('red', `- ${name}: ${before}`));
        if (after !== null) this.#say(4, this.#styled('green', `+ ${name}: ${after}`));
      }
    }
  }

  #row(label: string, text: string): void {
    this.#say(2, `${this.#styled('dim', label.padEnd(8))}${printable(text)}`);
  }

  #say(indent: number, line: string): void {
    this.#lines.push(line === '' ? '' : ' '.repeat(indent) + line);
  }

  /** A paragraph, broken between words. */
  #fill(indent: number, text: string): void {
    let line = '';
    for (const word of printable(text).split(' ')) {
      if (line !== '' && indent + line.length + 1 + word.length > width) {
        this.#say(indent, line);
        line = '';
      }
      line += (line === '' ? '' : ' ') + word;
    }
    this.#say(indent, line);
  }

  /** Safe for a terminal: texts have pieces that came from others. */
  #styled(style: Style, text: string): string {
    const safe = printable(text);
    return this.#options.colours ? styleText(style, safe, { validateStream: false }) : safe;
  }
}

const titles: Readonly<Record<ReportedRequest['which'], string>> = {
  first: 'On an empty shelf',
  second: 'The same again',
  varied: 'With other values in the fields that Vary names',
  next: 'The next request',
};

const places: Readonly<Record<Change['at'], string>> = {
  origin: 'at the origin',
  client: 'in the request',
  configuration: 'at the cache',
};

const severityStyles = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

function flagText({ what, after }: Change): string {
  return after === 'true' ? what : `${what} ${after}`;
}

/** Whether a cache that runs was started with a file is not known: what a flag can say too is told as one. */
function settingText(change: Change, route: string): string {
  const { what, setting, after } = change;
  const hasFlag = what.startsWith('--') && route === 'default';
  return `${setting ?? what}: ${after}${hasFlag ? `   (without a configuration file: ${flagText(change)})` : ''}`;
}

interface AdviceOfRoute {
  readonly advice: readonly Advice[];
  readonly route: string;
  readonly remedies: readonly string[];
}

/** The advice about the last request that is not a hit and has some, and what to do in general where none has. */
function adviceOf(requests: readonly ReportedRequest[]): AdviceOfRoute {
  const missed = requests.map(({ explanation }) => explanation).filter(({ hit }) => !hit);
  const { advice = [], route = 'default' } = missed.findLast((explanation) => explanation.advice.length > 0) ?? {};
  const last = requests.findLast(({ which }) => which !== 'varied')?.explanation;
  const remedies = last?.hit === false ? last.details.map(({ remedy }) => remedy) : [];
  return { advice, route, remedies };
}

/** The last line, which counts: also that of two who ask differently each gets a miss of its own. */
function verdictOf(hit: boolean, requests: readonly ReportedRequest[]): string {
  if (!hit) return 'A request like this is no hit.';
  const varied = requests.find(({ which }) => which === 'varied')?.explanation;
  if (varied === undefined || varied.hit) return 'A request like this is a hit.';
  const names = varied.candidates[0]?.differs.map(({ field }) => shownName(field)).join(', ') ?? '';
  return `A request like this is a hit; one with another ${names} is not.`;
}

function shown(value: string | null): string {
  return value === null ? '(not there)' : value;
}

/** When it may be served stale, and for how long: by cause where the windows differ. */
function staleWindows(candidate: Candidate): string[] {
  const { staleWhileRevalidate, staleIfError, staleIfUnreachable, staleIfTooManyRequests } = candidate;
  const failing: readonly (readonly [seconds: number, when: string])[] =
    staleIfError === staleIfUnreachable
      ? [[staleIfError, 'if the origin fails']]
      : [
          [staleIfError, 'if the origin answers 5xx'],
          [staleIfUnreachable, 'if the origin does not answer'],
        ];
  const windows = [
    [staleWhileRevalidate, 'while it is validated'] as const,
    ...failing,
    [staleIfTooManyRequests, 'if the origin answers 429'] as const,
  ];
  return windows.flatMap(([seconds, when]) => (seconds === 0 ? [] : [`may be served stale for ${seconds} s ${when}`]));
}

/** Markdown's marks of code are of no use here. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
