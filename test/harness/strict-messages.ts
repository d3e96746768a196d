/**
 * A second reading of HTTP/1.1 messages, by RFC 9112 at its strictest, that shares nothing with what it is held against: whatever may be read in two ways is a fault.
 * Text is latin1, a byte a character.
 */

/** A message that was read. */
export interface StrictMessage {
  /** Without its line end. */
  readonly startLine: string;
  /** Names in lower case, values without white space around them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Without its framing. */
  readonly content: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** As it came, framing and all. */
  readonly raw: string;
}

/** What some bytes are. */
export interface StrictReading {
  /** Those that are whole. */
  readonly messages: readonly StrictMessage[];
  /** What comes after them: the beginning of another one, where there is no fault. */
  readonly rest: string;
  /** Why nothing more can be read. */
  readonly fault?: string;
}

/** What has come so far is the beginning of a message. */
const more = Symbol('more has to come');

class Fault extends Error {}

const requestLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+ HTTP\/1\.[01]$/;
const statusLine = /^HTTP\/1\.[01] [1-5]\d\d [\t\x20-\x7e\x80-\xff]*$/;
const fieldLine =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/;
const chunkSize = /^[0-9A-Fa-f]{1,12}$/;
/** RFC 9112 §7.1.1, without the white space that it calls bad. */
const extendedSize =
  /^[0-9A-Fa-f]{1,12}(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;
/** The same, where its name or its value may be none: all that is read of it is where it ends. */
const ignoredSize =
  /^[0-9A-Fa-f]{1,12}(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]*(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]*|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*$/;

const sizes = { plain: chunkSize, extended: extendedSize, ignored: ignoredSize } as const;

/**
 * Reads what a client has sent (RFC 9112 §3, §6.3).
 *
 * @param size of a chunk: with `extended`, extensions may follow it, which Etagere takes and never sends
 */
export function readRequests(bytes: string, size: 'plain' | 'extended' = 'plain'): StrictReading {
  return readAll(bytes, (text, at) =>
    readMessage(text, at, { line: requestLine, chunks: sizes[size] }, requestFraming),
  );
}

/** Whether it is a response that answers a request, and not one before that. */
export function isFinal({ startLine }: StrictMessage): boolean {
  return !/^HTTP\/1\.. 1/.test(startLine);
}

/**
 * Reads what a server has sent in answer to requests with these methods (RFC 9112 §4, §6.3).
 *
 * @param hasEnded whether the server has closed the connection in an orderly way, which ends content without a length
 */
export function readResponses(
  bytes: string,
  methods: readonly string[],
  hasEnded = false,
  size: keyof typeof sizes = 'plain',
): StrictReading {
  let answered = 0;
  const chunks = sizes[size];
  return readAll(bytes, (text, at) => {
    const method = methods[answered];
    if (method === undefined) throw new Fault('a response that nobody asked for');
    const found = readMessage(text, at, { line: statusLine, chunks }, (fields, line) =>
      responseFraming(fields, line, method, hasEnded),
    );
    if (found !== more && !/^HTTP\/1\.. 1/.test(found.startLine)) answered++;
    return found;
  });
}

function readAll(bytes: string, readOne: (text: string, at: number) => StrictMessage | typeof more): StrictReading {
  const messages: StrictMessage[] = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const found = readOne(bytes, at);
      if (found === more) break;
      messages.push(found);
      at += found.raw.length;
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { messages, rest: bytes.slice(at), fault: error.message };
  }
  return { messages, rest: bytes.slice(at) };
}

type Fields = StrictMessage['fields'];
/** Bytes, or how they say themselves where they end. */
type Framing = number | 'chunked' | 'to the end' | 'not ended';

function readMessage(
  text: string,
  from: number,
  form: { readonly line: RegExp; readonly chunks: RegExp },
  framingOf: (fields: Fields, startLine: string) => Framing,
): StrictMessage | typeof more {
  const start = lineAt(text, from);
  if (start === more) return more;
  if (!form.line.test(start.line)) throw new Fault(`not a start line: ${JSON.stringify(start.line.slice(0, 200))}`);
  const head = readFields(text, start.next);
  if (head === more) return more;
  const body = readContent(text, head.next, framingOf(head.fields, start.line), form.chunks);
  if (body === more) return more;
  const { content, trailers, next } = body;
  return { startLine: start.line, fields: head.fields, content, trailers, raw: text.slice(from, next) };
}

function lineAt(text: string, from: number): { readonly line: string; readonly next: number } | typeof more {
  const end = text.indexOf('\r\n', from);
  const line = text.slice(from, end === -1 ? undefined : end);
  // Neither may stand alone, whatever is still to come.
  if (/[\n]|\r(?!$)/.test(line) || (end !== -1 && line.includes('\r'))) throw new Fault('a bare CR or LF');
  return end === -1 ? more : { line, next: end + 2 };
}

function readFields(text: string, from: number): { readonly fields: Fields; readonly next: number } | typeof more {
  const fields: [string, string][] = [];
  for (let at = from; ; ) {
    const found = lineAt(text, at);
    if (found === more) return more;
    at = found.next;
    if (found.line === '') return { fields, next: at };
    const [, name, value] = fieldLine.exec(found.line) ?? [];
    if (name === undefined || value === undefined)
      throw new Fault(`not a field line: ${JSON.stringify(found.line.slice(0, 200))}`);
    fields.push([name.toLowerCase(), value]);
  }
}

interface Body {
  readonly content: string;
  readonly trailers: Fields;
  readonly next: number;
}

function readContent(text: string, from: number, framing: Framing, chunks: RegExp): Body | typeof more {
  if (framing === 'not ended') return more;
  if (framing === 'chunked') return readChunks(text, from, chunks);
  const next = framing === 'to the end' ? text.length : from + framing;
  return next > text.length ? more : { content: text.slice(from, next), trailers: [], next };
}

function readChunks(text: string, from: number, chunks: RegExp): Body | typeof more {
  let content = '';
  for (let at = from; ; ) {
    const size = lineAt(text, at);
    if (size === more) return more;
    if (!chunks.test(size.line)) throw new Fault(`not the size of a chunk: ${JSON.stringify(size.line)}`);
    const length = Number.parseInt(size.line, 16);
    if (length === 0) {
      const end = readFields(text, size.next);
      return end === more ? more : { content, trailers: end.fields, next: end.next };
    }
    const end = size.next + length;
    const after = text.slice(end, end + 2);
    if (!'\r\n'.startsWith(after)) throw new Fault('a chunk that does not end where it says');
    if (after.length < 2) return more;
    content += text.slice(size.next, end);
    at = end + 2;
  }
}

function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}

/** Undefined where nothing is said. @param mostDigits of a length: no more can be counted exactly */
function declaredFraming(fields: Fields, mostDigits = 15): Framing | undefined {
  const [coding, ...moreCodings] = valuesOf(fields, 'transfer-encoding');
  const [length, ...moreLengths] = valuesOf(fields, 'content-length');
  if (moreCodings.length + moreLengths.length > 0) throw new Fault('framed by several lines');
  if (coding !== undefined && length !== undefined) throw new Fault('framed in two ways');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw new Fault(`the coding ${coding}`);
  if (coding !== undefined) return 'chunked';
  if (length !== undefined && !(/^\d+$/.test(length) && length.length <= mostDigits))
    throw new Fault(`the length ${JSON.stringify(length)}`);
  return length === undefined ? undefined : Number(length);
}

function requestFraming(fields: Fields, startLine: string): Framing {
  if (valuesOf(fields, 'host').length > 1) throw new Fault('several Host lines');
  if (startLine.endsWith('1.1') && valuesOf(fields, 'host').length === 0) throw new Fault('no Host');
  return declaredFraming(fields) ?? 0;
}

function responseFraming(fields: Fields, startLine: string, method: string, hasEnded: boolean): Framing {
  const status = Number(startLine.slice(9, 12));
  const hasNone = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  // What there would be elsewhere may be of any length (RFC 9110 §8.6).
  const framing = declaredFraming(fields, hasNone ? Number.POSITIVE_INFINITY : undefined);
  if (hasNone) return 0;
  return framing ?? (hasEnded ? 'to the end' : 'not ended');
}
