import type { Expectation, Message, StepBody } from './fixture.ts';
import { readBody, readDuration } from './written.ts';

/** The indented lines under a step, already read. */
export interface Attachments {
  readonly message: Message;
  readonly expectations: readonly Expectation[];
}

/** One form that a step can have. */
export interface Phrase {
  /** As `fixtures/README.md` shows it. */
  readonly form: string;
  readonly pattern: RegExp;
  /** What may stand indented below: fields and content to send, or what must be seen. */
  readonly below: 'message' | 'expectations' | 'nothing';
  /** `words` are the groups of the pattern, '' where one is missing. Undefined when a word is not acceptable: then `hint` says what is. */
  build(words: readonly string[], below: Attachments): StepBody | undefined;
  readonly hint?: string;
}

const name = '(?: ([A-Z][A-Za-z0-9]*))?';
const token = "([!#$%&'*+.^_`|~0-9A-Za-z-]+)";
const final = '([2-5]\\d\\d)';
const finalOrClass = '([2-5](?:\\d\\d|xx))';
const interim = '(1\\d\\d)';
const target = '((?:/|\\*|https?://)\\S*)';

const timeHint = 'where TIME has a unit, like 0s, 500ms, 11s, 2h or 10d';
const headHint = 'without a body, as "sends body CONTENT" is a step of its own';

function phrase(form: string, pattern: string, below: Phrase['below'], build: Phrase['build']): Phrase {
  return { form, pattern: new RegExp(`^${pattern}$`), below, build };
}

function hinted(hint: string, described: Phrase): Phrase {
  return { ...described, hint };
}

/** A word of a pattern that can't be missing once the pattern matched. */
function word(words: readonly string[], index: number): string {
  return words[index] ?? '';
}

const timePhrases: readonly Phrase[] = [
  hinted(
    timeHint,
    phrase('at TIME', 'at (\\S+)', 'nothing', ([time = '']) => {
      const atMs = readDuration(time);
      return atMs === undefined || atMs < 0 ? undefined : { kind: 'at', atMs };
    }),
  ),
  hinted(
    timeHint,
    phrase('clock jumps TIME', 'clock jumps (\\S+)', 'nothing', ([time = '']) => {
      const byMs = readDuration(time);
      return byMs === undefined ? undefined : { kind: 'clock-jumps', byMs };
    }),
  ),
  phrase('claim', 'claim', 'nothing', () => ({ kind: 'claim' })),
];

const clientPhrases: readonly Phrase[] = [
  phrase(
    'client [NAME] sends METHOD TARGET',
    `client${name} sends ${token} ${target}`,
    'message',
    (words, { message }) => ({
      kind: 'client-sends',
      client: word(words, 0),
      method: word(words, 1),
      target: word(words, 2),
      ...message,
    }),
  ),
  phrase(
    'client [NAME] receives STATUS',
    `client${name} receives ${finalOrClass}`,
    'expectations',
    (words, { expectations }) => ({
      kind: 'client-receives',
      client: word(words, 0),
      status: word(words, 1),
      expectations,
    }),
  ),
  phrase(
    'client [NAME] receives interim STATUS',
    `client${name} receives interim ${interim}`,
    'expectations',
    (words, { expectations }) => ({
      kind: 'client-receives-interim',
      client: word(words, 0),
      status: Number(words[1]),
      expectations,
    }),
  ),
  phrase('client [NAME] has body CONTENT', `client${name} has body (.+)`, 'nothing', (words) => ({
    kind: 'client-has-body',
    client: word(words, 0),
    body: readBody(word(words, 1)),
  })),
  phrase('client [NAME] is waiting', `client${name} is waiting`, 'nothing', (words) => ({
    kind: 'client-is-waiting',
    client: word(words, 0),
  })),
  phrase('client [NAME] is complete', `client${name} is complete`, 'nothing', (words) => ({
    kind: 'client-is-complete',
    client: word(words, 0),
  })),
  phrase('client [NAME] is aborted', `client${name} is aborted`, 'nothing', (words) => ({
    kind: 'client-is-aborted',
    client: word(words, 0),
  })),
  phrase('client [NAME] leaves', `client${name} leaves`, 'nothing', (words) => ({
    kind: 'client-leaves',
    client: word(words, 0),
  })),
];

const originPhrases: readonly Phrase[] = [
  phrase(
    'origin [NAME] receives METHOD TARGET',
    `origin${name} receives ${token} ${target}`,
    'expectations',
    (words, { expectations }) => ({
      kind: 'origin-receives',
      request: word(words, 0),
      method: word(words, 1),
      target: word(words, 2),
      expectations,
    }),
  ),
  phrase('origin [NAME] answers STATUS', `origin${name} answers ${final}`, 'message', (words, { message }) => ({
    kind: 'origin-answers',
    request: word(words, 0),
    status: Number(words[1]),
    ...message,
  })),
  hinted(
    headHint,
    phrase(
      'origin [NAME] sends interim STATUS',
      `origin${name} sends interim ${interim}`,
      'message',
      (words, { message }) =>
        message.body === undefined
          ? { kind: 'origin-sends-interim', request: word(words, 0), status: Number(words[1]), ...message }
          : undefined,
    ),
  ),
  hinted(
    headHint,
    phrase('origin [NAME] sends head STATUS', `origin${name} sends head ${final}`, 'message', (words, { message }) =>
      message.body === undefined
        ? { kind: 'origin-sends-head', request: word(words, 0), status: Number(words[1]), ...message }
        : undefined,
    ),
  ),
  phrase('origin [NAME] sends body CONTENT', `origin${name} sends body (.+)`, 'nothing', (words) => ({
    kind: 'origin-sends-body',
    request: word(words, 0),
    body: readBody(word(words, 1)),
  })),
  phrase('origin [NAME] ends', `origin${name} ends`, 'nothing', (words) => ({
    kind: 'origin-ends',
    request: word(words, 0),
  })),
  phrase('origin [NAME] breaks', `origin${name} breaks`, 'nothing', (words) => ({
    kind: 'origin-breaks',
    request: word(words, 0),
  })),
  phrase('origin [NAME] times out', `origin${name} times out`, 'nothing', (words) => ({
    kind: 'origin-times-out',
    request: word(words, 0),
  })),
  phrase('origin [NAME] is aborted', `origin${name} is aborted`, 'nothing', (words) => ({
    kind: 'origin-is-aborted',
    request: word(words, 0),
  })),
  phrase('origin silent', 'origin silent', 'nothing', () => ({ kind: 'origin-silent', must: false })),
  phrase('origin must stay silent', 'origin must stay silent', 'nothing', () => ({
    kind: 'origin-silent',
    must: true,
  })),
  phrase('origin refuses', 'origin refuses', 'nothing', () => ({ kind: 'origin-refuses' })),
  phrase('origin listens', 'origin listens', 'nothing', () => ({ kind: 'origin-listens' })),
];

/** Every form of a step, in the order of `fixtures/README.md`. */
export const phrases: readonly Phrase[] = [...timePhrases, ...clientPhrases, ...originPhrases];
