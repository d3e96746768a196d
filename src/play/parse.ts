import { UsageError } from '../config/usage-error.ts';
import { isFixtureLine, readExpectations, readMessage, type SourceLine } from './attachments.ts';
import type { Fixture, FixtureOptions, Kind, Step, StepBody } from './fixture.ts';
import { defaultOptions, withOption } from './options.ts';
import { type Attachments, type Phrase, phrases } from './phrases.ts';

const headWords: readonly string[] = ['title', 'rule', 'kind', 'covers', 'options', 'needs'];
const headLine = new RegExp(`^(${headWords.join('|')})\\s+(.+)$`);

/** A fixture that can't be read: where, and what could have stood there. */
export interface SyntaxFault {
  readonly file: string;
  /** 1-based; one more than the file has when something is missing at its end. */
  readonly line: number;
  readonly expected: string;
  readonly got: string;
}

export type Parsed =
  | { readonly ok: true; readonly fixture: Fixture }
  | { readonly ok: false; readonly fault: SyntaxFault };

/** Reads one fixture; the language is `fixtures/README.md`. `file` is for messages only. */
export function parseFixture(text: string, file: string): Parsed {
  try {
    return { ok: true, fixture: readFixture(blocksOf(text), file) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, fault: { file, ...error.fault } };
    throw error;
  }
}

/** `fixtures/a.cache:12: expected …, got …`. */
export function faultText(fault: SyntaxFault): string {
  return `${fault.file}:${fault.line}: expected ${fault.expected}, got ${fault.got}`;
}

/** Leaves the reader from any depth; never leaves this file. */
class Unreadable extends Error {
  readonly fault: Omit<SyntaxFault, 'file'>;

  constructor(line: number, expected: string, got: string) {
    super(expected);
    this.fault = { line, expected, got };
  }
}

function refuse(line: SourceLine, expected: string): never {
  throw new Unreadable(line.number, expected, `"${line.text}"`);
}

/** A line at column 0 and the indented lines under it. */
interface Block {
  readonly opening: SourceLine;
  readonly below: SourceLine[];
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line: SourceLine = { number: index + 1, text: raw.trim() };
    if (line.text === '' || raw.startsWith('#')) continue;
    const last = blocks.at(-1);
    if (!/^\s/.test(raw)) blocks.push({ opening: line, below: [] });
    else if (last === undefined) refuse(line, 'a line that starts at column 0');
    else last.below.push(line);
  }
  return blocks;
}

interface Head {
  title?: string;
  rule?: string;
  kind?: Kind;
  readonly covers: string[];
  options: FixtureOptions;
  needsExactTime: boolean;
}

function readFixture(blocks: readonly Block[], file: string): Fixture {
  const head: Head = { covers: [], options: defaultOptions, needsExactTime: false };
  const firstStep = blocks.findIndex((block) => !readHeadLine(head, block));
  const { title, rule, kind, covers, options, needsExactTime } = head;
  const stray = blocks[firstStep]?.opening;
  if (stray !== undefined && !stepWords.includes(firstWord(stray.text))) refuse(stray, meantBy(stray.text));
  const place = firstStep < 0 ? (blocks.at(-1)?.opening.number ?? 0) + 1 : (blocks[firstStep]?.opening.number ?? 0);
  if (title === undefined) throw new Unreadable(place, 'title CLAIM before the first step', 'none');
  if (rule === undefined) throw new Unreadable(place, 'rule CITATIONS before the first step', 'none');
  if (kind === undefined) throw new Unreadable(place, 'kind required|optimal|safe|check before the first step', 'none');
  if (firstStep < 0) throw new Unreadable(place, 'steps', 'the end of the file');
  return { file, title, rule, kind, covers, options, needsExactTime, steps: readSteps(blocks.slice(firstStep)) };
}

/** Reads a line of the head into it; false when the block is the first step. */
function readHeadLine(head: Head, block: Block): boolean {
  const { opening, below } = block;
  const [, word, value = ''] = headLine.exec(opening.text) ?? [];
  if (word === undefined) return false;
  if (below[0] !== undefined) refuse(below[0], 'nothing indented under a line of the head');
  if (word === 'covers') head.covers.push(value);
  else if (word === 'needs') head.needsExactTime = value === 'exact time' || refuse(opening, 'needs exact time');
  else if (word === 'options') head.options = readOptions(head.options, value, opening);
  else if (head[word as 'title' | 'rule' | 'kind'] !== undefined) refuse(opening, `one ${word} only`);
  else if (word === 'kind') head.kind = readKind(value) ?? refuse(opening, 'kind required|optimal|safe|check');
  else if (word === 'rule')
    head.rule = /^RFC \d+ §\d/.test(value) ? value : refuse(opening, 'citations like RFC 9111 §4.2.3');
  else head.title = value;
  return true;
}

function readKind(text: string): Kind | undefined {
  const kinds: readonly Kind[] = ['required', 'optimal', 'safe', 'check'];
  return kinds.find((kind) => kind === text);
}

function readOptions(options: FixtureOptions, text: string, line: SourceLine): FixtureOptions {
  try {
    return text.split(',').reduce((earlier, one) => withOption(earlier, one.trim()), options);
  } catch (error) {
    if (error instanceof UsageError) throw new Unreadable(line.number, 'options that are understood', error.message);
    throw error;
  }
}

function readSteps(blocks: readonly Block[]): Step[] {
  const steps: Step[] = [];
  let lastAtMs = 0;
  for (const block of blocks) {
    const body = readStep(block);
    if (body.kind === 'at') {
      if (body.atMs < lastAtMs) refuse(block.opening, 'a time that is not before the last one');
      lastAtMs = body.atMs;
    } else if (steps.length === 0) {
      refuse(block.opening, 'at TIME as the first step');
    }
    steps.push({ line: block.opening.number, text: block.opening.text, ...body });
  }
  return steps;
}

function readStep({ opening, below }: Block): StepBody {
  for (const phrase of phrases) {
    const match = phrase.pattern.exec(opening.text);
    if (match === null) continue;
    const words = match.slice(1).map((word) => word ?? '');
    return (
      phrase.build(words, readBelow(phrase, below)) ??
      refuse(opening, `${phrase.form} ${phrase.hint ?? 'with acceptable words'}`)
    );
  }
  return refuse(opening, meantBy(opening.text));
}

const stepWords: readonly string[] = [...new Set(phrases.map(({ form }) => firstWord(form)))];
/** What stands behind the name: sends, receives, … */
const verbs: ReadonlySet<string> = new Set(phrases.flatMap(({ form }) => / \[NAME\] (\w+)/.exec(form)?.[1] ?? []));

/** What the writer of a line at column 0 may have meant. */
function meantBy(text: string): string {
  const [, name = '', verb = ''] = /^(?:client|origin) ([a-z]\w*) (\w+)/.exec(text) ?? [];
  if (!verbs.has(name) && verbs.has(verb)) {
    return `a NAME that begins with a capital, like ${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  }
  const word = firstWord(text);
  if (stepWords.includes(word)) {
    const near = phrases.filter(({ form }) => firstWord(form) === word);
    return `one of: ${near.map(({ form }) => form).join(' · ')}`;
  }
  if (isFixtureLine(text)) return 'a step; if this is a line of the step above, indent it';
  if (headWords.includes(word)) return `${word} and a value, before the first step`;
  return `a line of the head (${headWords.join(', ')}) or a step (${stepWords.join(', ')})`;
}

function firstWord(text: string): string {
  return text.split(' ')[0] ?? '';
}

function readBelow(phrase: Phrase, below: readonly SourceLine[]): Attachments {
  const nothing: Attachments = { message: { fields: [] }, expectations: [] };
  if (phrase.below === 'message') return { ...nothing, message: readMessage(below, refuse) };
  if (phrase.below === 'expectations') return { ...nothing, expectations: readExpectations(below, refuse) };
  if (below[0] !== undefined) refuse(below[0], `nothing indented under "${phrase.form}"`);
  return nothing;
}
