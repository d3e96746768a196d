import { fieldValue } from '../http/fields.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { type NominatedFields, nominatedFields } from '../key/nominated-fields.ts';

/**
 * What Vary nominates (RFC 9111 §4.1), and Origin where the response says for whom it is (Fetch §3.3.5, "CORS protocol and HTTP caches"): an Access-Control-Allow-Origin that repeats the
 * Origin of the request is of no use to any other. Whether the origin says the same to all, or forgot `Vary: Origin`, can't be told; so it answers those who come from there. `null`
 * is the Origin of whoever likes, and to any other site it says no.
 */
export function nominatedWithOrigin(request: RequestHead, response: ResponseHead): NominatedFields {
  const nominated = nominatedFields(response.fields);
  if (nominated === 'never' || nominated.includes('origin')) return nominated;
  const allowed = fieldValue(response.fields, 'access-control-allow-origin');
  if (allowed === undefined || allowed !== fieldValue(request.fields, 'origin')) return nominated;
  return [...nominated, 'origin'].sort();
}
