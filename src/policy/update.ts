import { type Fields, fieldsFrom, withoutFields } from '../http/fields.ts';

/** Fields that describe the stored content or its framing, which a 304 does not bring (RFC 9111 §3.2). */
const notUpdated: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'transfer-encoding',
]);

/** RFC 9111 §3.2: every field of the new head is added, replacing all lines of its name. */
export function updatedFields(stored: Fields, update: Fields): Fields {
  const incoming = withoutFields(update, notUpdated);
  const replaced = new Set<string>();
  for (let i = 0; i < incoming.length; i += 2) replaced.add(incoming[i] as string);
  return fieldsFrom([...withoutFields(stored, replaced), ...incoming]);
}
