import { type Fields, fieldLines, listMembers, withoutFields } from './fields.ts';
import { isProtectedField } from './protected-fields.ts';

/** Fields about one connection, whether Connection names them or not (RFC 9110 §7.6.1); we frame every message ourselves. */
const hopByHopNames = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;

const hopByHop: ReadonlySet<string> = new Set(hopByHopNames);

/**
 * The fields that concern more than one connection (RFC 9110 §7.6.1): without the hop-by-hop ones and without those that
 * Connection names. A protected field stays even if named: stripping Authorization or Cache-Control on a sender's word has
 * let requests pass as others elsewhere. Linear in the size of the fields.
 */
export function endToEndFields(fields: Fields): Fields {
  const connection = fieldLines(fields, 'connection');
  if (connection.length === 0) return withoutFields(fields, hopByHop);
  const options = connection.flatMap(listMembers).map((option) => option.toLowerCase());
  return withoutFields(fields, new Set([...hopByHopNames, ...options.filter((option) => !isProtectedField(option))]));
}
