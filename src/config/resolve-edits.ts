import { isFieldValue, isToken, trimOws } from '../http/fields.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';
import { isProtectedField } from '../http/protected-fields.ts';
import { isSecretName } from '../http/secret-names.ts';
import type { EditOptions, HeadersOptions, OneOrMore } from './options.ts';
import type { Place } from './problems.ts';
import type { FieldEdit, FieldEdits } from './settings.ts';
import { UsageError } from './usage-error.ts';
import { readEach } from './values.ts';
import { expanded, type Variables } from './variables.ts';

export const noEdits: FieldEdits = { remove: [], set: [], add: [] };

/** Written by us, or what a cache and its clients decide by: an edit would have the one believe what the other does not. */
const ours: ReadonlySet<string> = new Set(['via', 'cache-status', 'proxy-status', 'alt-svc']);

/** Begin like fields about content, and are none. */
const aboutPages: ReadonlySet<string> = new Set(['content-security-policy', 'content-security-policy-report-only']);

/** The edits of one direction. */
export function resolveEdits(
  options: EditOptions,
  direction: keyof HeadersOptions,
  { place, variables }: EditContext,
): FieldEdits {
  const editable = (name: string): string => editableName(name, direction);
  const edits = (kind: 'set' | 'add'): FieldEdit[] =>
    Object.entries(options[kind] ?? {}).flatMap(([name, values]: [string, OneOrMore<string>]) => {
      const own = place.at(kind, name);
      const lower = own.read(undefined, () => editable(name));
      if (lower === undefined) return [];
      return readEach(own, values, (value): FieldEdit => {
        const { text, secret } = expanded(value, variables);
        return { name: lower, value: fieldValue(text), secret: secret || isSecretName(lower) };
      });
    });
  return { remove: readEach(place.at('remove'), options.remove, editable), set: edits('set'), add: edits('add') };
}

/** Where the edits stand. */
export interface EditContext {
  readonly place: Place;
  /** For `${NAME}` in values; undefined: it stands for itself, as in a program. */
  readonly variables: Variables | undefined;
}

/** What else there is for whoever wants such an edit. Of a request nobody else could mend it: that is the client's. */
const insteadOf: Readonly<Record<keyof HeadersOptions, string>> = {
  request:
    'leave it out; bypass sends such requests past the shelf, and ttl with force gives everyone the same answer whatever their Cookie',
  response: 'leave it out, or have the origin send it',
};

function editableName(name: string, direction: keyof HeadersOptions): string {
  const lower = name.toLowerCase();
  if (!isToken(name)) throw new UsageError(`"${name}" is not the name of a field`, 'write something like X-Served-By');
  if (isHopByHop(lower) || ours.has(lower)) {
    throw new UsageError(`${name} is written by Etagere itself`, 'leave it out');
  }
  if (isProtectedField(lower) && !aboutPages.has(lower)) {
    throw new UsageError(`${name} is not to be edited: others decide by it`, insteadOf[direction]);
  }
  return lower;
}

function fieldValue(text: string): string {
  if (!isFieldValue(text))
    throw new UsageError('it has characters that no field value has', 'leave them out; line ends are among them');
  return trimOws(text);
}
