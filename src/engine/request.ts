import type { Readable } from 'node:stream';
import { type Fields, withoutFields, withLine } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { type ForwardingConfig, forwardedFields } from '../origin/forwarding.ts';
import type { OriginRequest } from '../origin/origin.ts';
import { withoutPreconditions } from '../policy/precondition.ts';
import type { StoredResponse } from '../policy/stored.ts';

const rangeFields: ReadonlySet<string> = new Set(['range', 'if-range']);

/** What a client asks for. */
export interface ClientRequest {
  readonly request: RequestHead;
  readonly content: Readable | null;
  /** Address of the client, for Forwarded. */
  readonly peer: string;
}

/**
 * The request that goes to the origin. To validate (RFC 9111 §4.3.1) the client's preconditions and range give way to the preconditions of the stored response: what comes back must be
 * about that one, whole.
 */
export function originRequest(
  { request, content, peer }: ClientRequest,
  validating: StoredResponse | undefined,
  forwarding: ForwardingConfig,
): OriginRequest {
  const fields = forwardedFields(request, peer, forwarding);
  if (validating === undefined) return { method: request.method, target: request.target, fields, content };
  const plain = withoutFields(withoutPreconditions(fields), rangeFields);
  // HEAD validates as well as GET, and what it validates was stored from GET.
  return {
    method: request.method,
    target: request.target,
    fields: withLines(plain, validating.preconditions),
    content,
  };
}

function withLines(fields: Fields, more: Fields): Fields {
  let all = fields;
  for (let i = 0; i < more.length; i += 2) all = withLine(all, more[i] as string, more[i + 1] as string);
  return all;
}
