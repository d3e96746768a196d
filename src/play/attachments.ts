import { trimOws } from '../http/fields.ts';
import type { CacheStatusParameter, Comparison, Expectation, FieldLine, Message } from './fixture.ts';
import { readBody, readValue } from './written.ts';

/** A line of a fixture file. */
export interface SourceLine {
  /** 1-based. */
  readonly number: number;
  /** Without the white space around it. */
  readonly text: string;
}

/** Says, of a line that can't be read, what could have stood there. */
export type Refuse = (line: SourceLine, expected: string) => never;

const fieldName = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const fieldPattern = new RegExp(`^(${fieldName}):(.*)$`);
const presencePattern = new RegExp(`^(has|no) (${fieldName})$`);
const containsPattern = new RegExp(`^(${fieldName}) contains (.+)$`);

/** Whether a text can only be a line below a step. */
export function isFixtureLine(text: string): boolean {
  return [fieldPattern, presencePattern, containsPattern, /^(?:body |no body$)/].some((pattern) => pattern.test(text));
}

/** Reads what a side says: field lines and at most one body. */
export function readMessage(lines: readonly SourceLine[], refuse: Refuse): Message {
  const fields: FieldLine[] = [];
  let body: Message['body'];
  for (const line of lines) {
    const content = bodyText(line);
    if (content !== undefined && body !== undefined) refuse(line, 'at most one body');
    else if (content !== undefined) body = readBody(content);
    else fields.push(readField(line) ?? refuse(line, 'a field (name: value) or body CONTENT'));
  }
  return body === undefined ? { fields } : { fields, body };
}

/** Reads what a side must see. Several lines of one name are one expectation of exactly these lines. */
export function readExpectations(lines: readonly SourceLine[], refuse: Refuse): Expectation[] {
  const expectations: Expectation[] = [];
  for (const line of lines) {
    const expectation = readExpectation(line, refuse);
    const earlier = expectations.findIndex(
      (other) => other.kind === 'lines' && expectation.kind === 'lines' && other.name === expectation.name,
    );
    const same = expectations[earlier];
    if (same?.kind === 'lines' && expectation.kind === 'lines') {
      expectations[earlier] = { ...same, values: [...same.values, ...expectation.values] };
    } else {
      expectations.push(expectation);
    }
  }
  return expectations;
}

function readExpectation(line: SourceLine, refuse: Refuse): Expectation {
  const content = bodyText(line);
  if (content !== undefined) return { kind: 'body', body: readBody(content) };
  if (line.text === 'no body') return { kind: 'body', body: { kind: 'text', text: '' } };
  const [, word, present = ''] = presencePattern.exec(line.text) ?? [];
  if (word !== undefined) return { kind: word === 'has' ? 'present' : 'absent', name: present.toLowerCase() };
  const [, container, text = ''] = containsPattern.exec(line.text) ?? [];
  if (container !== undefined) return { kind: 'contains', name: container.toLowerCase(), text };
  const field = readField(line);
  if (field === undefined)
    return refuse(line, 'name: value, name: >= NUMBER, name contains TEXT, has name, no name, body CONTENT or no body');
  return expectedField(field, line, refuse);
}

function expectedField({ name, value }: FieldLine, line: SourceLine, refuse: Refuse): Expectation {
  if (value.kind === 'text') {
    if (name === 'cache-status') return { kind: 'cache-status', parameters: readParameters(value.text, line, refuse) };
    const [, operator, bound] = /^(<=?|>=?) ?(-?\d+)$/.exec(value.text) ?? [];
    if (operator !== undefined)
      return { kind: 'compared', name, operator: operator as Comparison, bound: Number(bound) };
  }
  return { kind: 'lines', name, values: [value] };
}

/** `fwd=stale; fwd-status=304; not stored`: parameters of RFC 9211 §2, each optionally denied. */
function readParameters(text: string, line: SourceLine, refuse: Refuse): CacheStatusParameter[] {
  return text.split(';').map((part) => {
    const [, not, name, value] = /^(not )?([a-z][a-z-]*)(?:=(\S+))?$/.exec(trimOws(part)) ?? [];
    if (name === undefined || (not !== undefined && value !== undefined)) {
      return refuse(line, 'parameters of Cache-Status: name, name=value or not name, separated by ;');
    }
    return { name, value: not === undefined ? (value ?? true) : false };
  });
}

function readField(line: SourceLine): FieldLine | undefined {
  const [, name, value = ''] = fieldPattern.exec(line.text) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), value: readValue(trimOws(value)) };
}

/** The text after `body`; a field called `body` would have a colon. */
function bodyText(line: SourceLine): string | undefined {
  return line.text.startsWith('body ') ? line.text.slice('body '.length) : undefined;
}
