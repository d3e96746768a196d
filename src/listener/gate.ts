import type { Limits } from '../engine/limits.ts';
import { EtagereError } from '../errors.ts';
import { fieldLines, type Fields, fieldsFrom, hasField, isFieldValue, isToken } from '../http/fields.ts';
import { endToEndFields } from '../http/hop-by-hop.ts';
import type { RequestHead } from '../http/message.ts';
import { isProtectedField } from '../http/protected-fields.ts';
import { normalAuthority } from './authority.ts';
import { type ContentLength, contentLength, contentTooLarge } from './request-framing.ts';
import { encoded, parseTarget } from './request-target.ts';

/** The head of a request as it was received, before anything is believed of it. */
export interface RawHead {
  readonly method: string;
  readonly target: string;
  /** `1.1`; `2` of a request that came over HTTP/2, and was read by its rules. */
  readonly version: string;
  /** Flat list of names and values, every line in order, as latin1. */
  readonly fields: readonly string[];
  /** Of the connection. */
  readonly scheme: 'http' | 'https';
  /** The authority of a request that names none, which HTTP/1.0 allows: the listener's own address. */
  readonly localAuthority: string;
  /** Whether characters that a target may not have are percent-encoded, not refused. */
  readonly encodeTarget?: boolean;
}

export type GateLimits = Pick<
  Limits,
  'clientHeadBytes' | 'clientFieldLines' | 'clientFieldValueBytes' | 'clientTargetBytes' | 'clientContentBytes'
>;

export interface Admitted {
  readonly ok: true;
  /** Its fields are the end-to-end ones: what a client makes disappear by Connection is gone before anything is keyed by it. */
  readonly request: RequestHead;
  readonly contentLength: ContentLength;
  /** The client waits for 100 before it sends the content (RFC 9110 §10.1.1). */
  readonly awaitsContinue: boolean;
  /** The client asks for another protocol, which it does not get (RFC 9110 §7.8). */
  readonly asksForUpgrade: boolean;
}

export interface Refused {
  readonly ok: false;
  readonly error: EtagereError;
}

/**
 * Lets a request in, or says what is wrong with it: whatever two readers could take for two different requests is refused. After
 * a refusal the connection closes and nothing reaches the origin. Takes time linear in the size of the head.
 */
export function gate(raw: RawHead, limits: GateLimits): Admitted | Refused {
  const fault = sizeFault(raw, limits) ?? methodFault(raw.method) ?? fieldFault(raw.fields);
  if (fault !== undefined) return refused(fault);
  const { version } = raw;
  if (version !== '1.0' && version !== '1.1' && version !== '2') {
    return refused(new EtagereError('REQUEST_VERSION_UNSUPPORTED', 'neither HTTP/1.0 nor HTTP/1.1'));
  }
  const fields = fieldsFrom(raw.fields);
  const length = contentLength(fields, version);
  if (length instanceof EtagereError) return refused(length);
  if (length !== 'chunked' && length > limits.clientContentBytes)
    return refused(contentTooLarge(limits.clientContentBytes));
  const destination = locate(raw, fields);
  if (destination instanceof EtagereError) return refused(destination);
  const awaitsContinue = expectation(fields, version);
  if (awaitsContinue instanceof EtagereError) return refused(awaitsContinue);
  const { method, scheme } = raw;
  return {
    ok: true,
    request: { method, scheme, ...destination, version, fields: endToEndFields(fields) },
    contentLength: length,
    awaitsContinue,
    asksForUpgrade: hasField(fields, 'upgrade'),
  };
}

/**
 * Looks at the target alone, for a request whose fields have passed before; its head is within the limits. Undefined where the gate would refuse it, or
 * take it for anything but origin-form.
 */
export function gateTarget(raw: Omit<RawHead, 'fields' | 'localAuthority'>, limits: GateLimits): string | undefined {
  if (raw.target.length > limits.clientTargetBytes) return undefined;
  const parsed = parseTarget(raw.encodeTarget === true ? encoded(raw.target) : raw.target, raw.method, raw.scheme);
  return parsed instanceof EtagereError || parsed.authority !== undefined ? undefined : parsed.target;
}

function sizeFault(raw: RawHead, limits: GateLimits): EtagereError | undefined {
  if (raw.target.length > limits.clientTargetBytes) {
    return new EtagereError('REQUEST_TARGET_TOO_LONG', `more than ${limits.clientTargetBytes} bytes`);
  }
  if (raw.fields.length > 2 * limits.clientFieldLines) return tooLarge(`more than ${limits.clientFieldLines} lines`);
  // The request line, the empty line, and a colon, a space and a line end for every field.
  let bytes = raw.method.length + raw.target.length + 14;
  for (let i = 0; i + 1 < raw.fields.length; i += 2) {
    const [name, value] = [raw.fields[i] as string, raw.fields[i + 1] as string];
    if (value.length > limits.clientFieldValueBytes)
      return tooLarge(`a value of more than ${limits.clientFieldValueBytes} bytes`);
    bytes += name.length + value.length + 4;
  }
  return bytes > limits.clientHeadBytes ? tooLarge(`more than ${limits.clientHeadBytes} bytes`) : undefined;
}

/**
 * Method names are case-sensitive and all registered ones are upper-case (RFC 9110 §9.1). A lower-case one is refused, because
 * origins that take `post` for POST would change something while we believe that nothing changed.
 */
function methodFault(method: string): EtagereError | undefined {
  if (!isToken(method) || /[a-z]/.test(method)) return new EtagereError('REQUEST_MALFORMED', 'the method is not valid');
  if (method === 'CONNECT' || method === 'TRACE')
    return new EtagereError('REQUEST_METHOD_REFUSED', `${method} is not served`);
  return undefined;
}

/** Names are tokens (RFC 9110 §5.1); values have no control character but HTAB (RFC 9110 §5.5), while obs-text passes. */
function fieldFault(fields: readonly string[]): EtagereError | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string];
    if (!isToken(name)) return new EtagereError('REQUEST_FIELD_INVALID', 'a field name is not a token');
    if (!isFieldValue(value)) return new EtagereError('REQUEST_FIELD_INVALID', 'a control character in a value');
    if (name.includes('_') && isProtectedField(name.toLowerCase().replaceAll('_', '-'))) {
      return new EtagereError('REQUEST_FIELD_INVALID', 'a name that imitates another with underscores');
    }
  }
  return undefined;
}

/** Where the request goes: target and authority. Host must be there exactly once (RFC 9112 §3.2), or not at all in HTTP/1.0. */
function locate(raw: RawHead, fields: Fields): Pick<RequestHead, 'target' | 'authority'> | EtagereError {
  const hosts = fieldLines(fields, 'host');
  if (hosts.length > 1) return invalidHost('more than one Host');
  const [text] = hosts;
  if (text === undefined && raw.version !== '1.0') return invalidHost('no Host');
  const host = text === undefined ? undefined : normalAuthority(text, raw.scheme);
  if (text !== undefined && host === undefined) return invalidHost('Host is not valid');
  const parsed = parseTarget(raw.encodeTarget === true ? encoded(raw.target) : raw.target, raw.method, raw.scheme);
  if (parsed instanceof EtagereError) return parsed;
  // RFC 9112 §3.2.2 would have the target win over Host: refused instead, as another reader may do the opposite.
  if (parsed.authority !== undefined && host !== undefined && parsed.authority !== host) {
    return invalidHost('Host is not that of the target');
  }
  return { target: parsed.target, authority: parsed.authority ?? host ?? raw.localAuthority };
}

/** Whether the client awaits 100 (RFC 9110 §10.1.1); HTTP/1.0 knows no such thing, and the field is ignored there. */
function expectation(fields: Fields, version: RequestHead['version']): boolean | EtagereError {
  const lines = version === '1.0' ? [] : fieldLines(fields, 'expect');
  if (lines.length === 0) return false;
  if (lines.length === 1 && lines[0]?.toLowerCase() === '100-continue') return true;
  return new EtagereError('REQUEST_EXPECTATION_FAILED', 'an expectation other than 100-continue');
}

function refused(error: EtagereError): Refused {
  return { ok: false, error };
}

function tooLarge(detail: string): EtagereError {
  return new EtagereError('REQUEST_HEAD_TOO_LARGE', detail);
}

function invalidHost(detail: string): EtagereError {
  return new EtagereError('REQUEST_HOST_INVALID', detail);
}
