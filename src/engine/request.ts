import { Readable } from 'node:stream';
import { type Fields, fieldValue, withoutFields, withLine } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { forwardedFields } from '../origin/forwarding.ts';
import type { OriginRequest } from '../origin/origin.ts';
import { mayAskFor } from '../policy/partial.ts';
import { withoutPreconditions } from '../policy/precondition.ts';
import type { Route } from './route.ts';

/** What a client asks for. */
export interface ClientRequest {
  readonly request: RequestHead;
  /** To be read once, or there already. */
  readonly content: Readable | Buffer | null;
  /** Address of the client, for Forwarded. */
  readonly peer: string;
}

const rangeFields: ReadonlySet<string> = new Set(['range', 'if-range']);

/**
 * The request that goes to the origin. With `about` (RFC 9111 §4.3.1, §3.3: the preconditions of the stored response to validate, or the range that one
 * lacks) the client's own preconditions and range give way to it; without, a range that is not worth its parts is left out, and the whole is asked for.
 */
export function originRequest(
  { request, content, peer }: ClientRequest,
  about: Fields | undefined,
  { forwarding, editRequest }: Pick<Route, 'forwarding' | 'editRequest'>,
): OriginRequest {
  const forwarded = forwardedFields(request, peer, forwarding);
  const fields = editRequest === undefined ? forwarded : editRequest(forwarded);
  const readable = Buffer.isBuffer(content) ? Readable.from([content]) : content;
  if (about === undefined) {
    const range = fieldValue(fields, 'range');
    const asked = range === undefined || mayAskFor(range) ? fields : withoutFields(fields, rangeFields);
    return { method: request.method, target: request.target, fields: asked, content: readable };
  }
  let lines = withoutFields(withoutPreconditions(fields), rangeFields);
  for (let i = 0; i < about.length; i += 2) lines = withLine(lines, about[i] as string, about[i + 1] as string);
  return { method: request.method, target: request.target, fields: lines, content: readable };
}
