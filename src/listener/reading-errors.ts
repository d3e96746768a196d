import { type ErrorCode, EtagereError } from '../errors.ts';

type Meaning = readonly [code: ErrorCode, detail: string];

const badRequestLine: Meaning = ['REQUEST_MALFORMED', 'the request line is not METHOD target HTTP/1.1'];
const badLineEnd: Meaning = ['REQUEST_MALFORMED', 'a line does not end with CR and LF'];
const badLength: Meaning = ['REQUEST_FRAMING_INVALID', 'Content-Length is not one number of bytes'];
const badChunk: Meaning = ['REQUEST_FRAMING_INVALID', 'a chunk does not begin with its size in hexadecimal digits'];

/** What Node and its parser report, and how it is told to a client. Every other one means that this is not HTTP/1.1. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['REQUEST_TIMEOUT', 'it did not arrive in the time that is allowed']],
  ['HPE_HEADER_OVERFLOW', ['REQUEST_HEAD_TOO_LARGE', 'more bytes than are allowed']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', ['REQUEST_FRAMING_INVALID', 'chunk extensions of more than 16 KiB']],
  ['HPE_INVALID_CONTENT_LENGTH', badLength],
  ['HPE_UNEXPECTED_CONTENT_LENGTH', badLength],
  ['HPE_INVALID_TRANSFER_ENCODING', ['REQUEST_FRAMING_INVALID', 'Transfer-Encoding is not chunked']],
  ['HPE_INVALID_CHUNK_SIZE', badChunk],
  ['HPE_INVALID_METHOD', ['REQUEST_MALFORMED', 'the method is not valid']],
  ['HPE_INVALID_URL', ['REQUEST_MALFORMED', 'the target has characters that no target may have']],
  ['HPE_INVALID_CONSTANT', badRequestLine],
  ['HPE_INVALID_VERSION', badRequestLine],
  ['HPE_INVALID_HEADER_TOKEN', ['REQUEST_MALFORMED', 'a header line is not valid']],
  ['HPE_CR_EXPECTED', badLineEnd],
  ['HPE_LF_EXPECTED', badLineEnd],
  ['HPE_INVALID_EOF_STATE', ['REQUEST_MALFORMED', 'it broke off']],
  ['HPE_CLOSED_CONNECTION', ['REQUEST_MALFORMED', 'something follows a request that was the last by its own word']],
]);

const unreadable: Meaning = ['REQUEST_MALFORMED', 'the bytes are not HTTP/1.1'];

/** A request line whose method is a token in upper case. */
const requestLine = /(?:^|\n)([!#$%&'*+.^_`|~0-9A-Z-]+) \S+ HTTP\/1\.[01]\r?\n/g;

/** The error that an error of node:http's reading stands for, in words that have nothing of the parser. That error is kept as its cause. */
export function readingError(cause: Error): EtagereError {
  // The same code stands for a version that is not ours and for a line that does not end after its version.
  if ('reason' in cause && cause.reason === 'Invalid HTTP version') {
    return new EtagereError('REQUEST_VERSION_UNSUPPORTED', 'neither HTTP/1.0 nor HTTP/1.1', { cause });
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (code === 'HPE_INVALID_METHOD' && isMethodReadable(cause)) {
    return new EtagereError('REQUEST_METHOD_UNKNOWN', 'a method that this server can not pass on', { cause });
  }
  const [meant, detail] = meanings.get(code) ?? unreadable;
  return new EtagereError(meant, detail, { cause });
}

/**
 * Whether the request at which the parser stopped is one but for its method, which the parser does not know (RFC 9110 §9.1: 501). Where its line came in
 * several pieces that can't be told.
 */
function isMethodReadable(cause: Error): boolean {
  if (!('rawPacket' in cause) || !(cause.rawPacket instanceof Uint8Array)) return false;
  const stoppedAt = 'bytesParsed' in cause && typeof cause.bytesParsed === 'number' ? cause.bytesParsed : 0;
  const text = Buffer.from(cause.rawPacket).toString('latin1');
  for (const match of text.matchAll(requestLine)) {
    if (match.index <= stoppedAt && stoppedAt <= match.index + match[0].length) return true;
  }
  return false;
}
