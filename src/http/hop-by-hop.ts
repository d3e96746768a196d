import { type Fields, fieldsTaken, listMembers } from './fields.ts';
import { isProtectedField } from './protected-fields.ts';

/** Fields about one connection, whether Connection names them or not (RFC 9110 §7.6.1); we frame every message ourselves. */
const hopByHop: ReadonlySet<string> = new Set([
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
]);

/** Whether the field is about one connection. `name` is lower-case. */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

/**
 * The fields that concern more than one connection (RFC 9110 §7.6.1): without the hop-by-hop ones and without those that
 * Connection names. A protected field stays even if named: stripping Authorization or Cache-Control on a sender's word has
 * let requests pass as others elsewhere. Linear in the size of the fields; the same list where nothing has to go.
 */
export function endToEndFields(fields: Fields): Fields {
  if (!hasHopByHop(fields)) return fields;
  const named = namedByConnection(fields);
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!hopByHop.has(name) && named?.has(name) !== true) kept.push(name, fields[i + 1] as string);
  }
  return fieldsTaken(kept);
}

function hasHopByHop(fields: Fields): boolean {
  for (let i = 0; i < fields.length; i += 2) if (hopByHop.has(fields[i] as string)) return true;
  return false;
}

/** What Connection names beside fields that are hop-by-hop anyway; undefined where that is nothing, as in nearly every message. */
function namedByConnection(fields: Fields): ReadonlySet<string> | undefined {
  let named: Set<string> | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== 'connection') continue;
    for (const member of listMembers(fields[i + 1] as string)) {
      const option = member.toLowerCase();
      if (!hopByHop.has(option) && !isProtectedField(option)) (named ??= new Set()).add(option);
    }
  }
  return named;
}
