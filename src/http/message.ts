import { type Fields, fieldValue, hasField } from './fields.ts';

/** A whole number of seconds unless said otherwise (RFC 9111 §1.2.2). */
export type Seconds = number;

/** Milliseconds since the epoch. */
export type EpochMs = number;

/** The head of a request that passed the gate. */
export interface RequestHead {
  /** Case-sensitive token (RFC 9110 §9.1). */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The authority that the client asked for: lower case, without the scheme's default port (RFC 9110 §4.2.3). */
  readonly authority: string;
  /** Path and query as the client wrote them: the bytes that are keyed, matched and forwarded. */
  readonly target: string;
  /** The target as the client wrote it, where a rule of the operator has changed that in `target` since. */
  readonly presentedTarget?: string;
  /** In which it came to us, as Via says it (RFC 9110 §7.6.3). */
  readonly version: '1.0' | '1.1' | '2';
  readonly fields: Fields;
}

/** The target as the client wrote it, whatever the operator's rules have made of it since. */
export function presentedTarget(request: RequestHead): string {
  return request.presentedTarget ?? request.target;
}

export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
}

/** RFC 9110 §9.2.1, RFC 10008 for QUERY; a method that we do not know is not safe (RFC 9111 §4.4). */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE' || method === 'QUERY';
}

/** RFC 9110 §9.2.2. */
export function isIdempotent(method: string): boolean {
  return isSafe(method) || method === 'PUT' || method === 'DELETE';
}

/** Whether a response to `method` with this status has content at all (RFC 9110 §6.4.1). */
export function hasContent(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304 && status >= 200;
}

/** RFC 9112 §6.3: whether content ends with the connection, as neither length nor chunks say where. `fields` are as received, framing and all. */
export function endsWithConnection(method: string, { status, fields }: ResponseHead): boolean {
  if (!hasContent(method, status) || hasField(fields, 'content-length')) return false;
  return fieldValue(fields, 'transfer-encoding')?.toLowerCase() !== 'chunked';
}

/** Whether nothing but that tells where it ends: a part says in Content-Range how much it brings, and is held to that. */
export function isCloseDelimited({ method }: RequestHead, head: ResponseHead): boolean {
  return head.status !== 206 && endsWithConnection(method, head);
}

/** Statements after this can't be reached; a new member of the union makes it a type error. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
