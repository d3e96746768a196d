import { fieldLines, type Fields, isToken, listElements, listMembers, trimOws } from '../http/fields.ts';

/**
 * Vary (RFC 9111 §4.1): the request fields that a response nominates, and the part of the key made of their values.
 */

/** Lower-case names, sorted, without repetition; empty where there is no Vary. `never`: a member is `*` or can't be read. */
export type NominatedFields = readonly string[] | 'never';

declare const variantKeyBrand: unique symbol;

/** The normalised values of the nominated fields of one request, as an injective string. */
export type VariantKey = string & { readonly [variantKeyBrand]: true };

/** Which of the variants of a target a response is. */
export interface Variant {
  readonly nominatedFields: readonly string[];
  readonly variant: VariantKey;
}

const none: readonly string[] = [];

export function nominatedFields(response: Fields): NominatedFields {
  const lines = fieldLines(response, 'vary');
  if (lines.length === 0) return none;
  const names = new Set<string>();
  for (const member of lines.flatMap(listMembers)) {
    if (!isToken(member) || member === '*') return 'never';
    names.add(member.toLowerCase());
  }
  return [...names].sort();
}

/**
 * Two requests have the same key exactly if their nominated fields match as RFC 9111 §4.1 defines it: lines combined, optional
 * whitespace removed, and where the field's own definition says so, case and order. An absent field matches only an absent one.
 */
export function variantKey(names: readonly string[], request: Fields): VariantKey {
  let key = '';
  for (const name of names) {
    const lines = fieldLines(request, name);
    if (lines.length === 0) {
      key += `${name}-;`;
      continue;
    }
    const value = normalise(name, lines);
    key += `${name}=${value.length}:${value};`;
  }
  return key as VariantKey;
}

/** Whether two responses to one target take the place of one another (RFC 9111 §4.1). */
export function isSameVariant(one: Variant, other: Variant): boolean {
  return one.variant === other.variant && one.nominatedFields.join() === other.nominatedFields.join();
}

/** The values of the nominated fields that a variant was made of, normalised; undefined for a field that the request did not have. */
export function variantValues(variant: VariantKey): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  for (let at = 0; at < variant.length; ) {
    // Names are tokens, which have neither of these in them.
    const [head = '', name = '', length] = /^([^=;]*)(?:-;|=(\d+):)/.exec(variant.slice(at)) ?? [];
    if (head === '') break;
    const start = at + head.length;
    const end = start + Number(length ?? 0);
    values.set(name, length === undefined ? undefined : variant.slice(start, end));
    at = length === undefined ? start : end + 1;
  }
  return values;
}

/** Fields whose members are case-insensitive tokens with weights, where order says nothing (RFC 9110 §12.5). */
const unordered = new Set(['accept-encoding', 'accept-language', 'accept-charset']);

/** Fields that hold a date or free text with commas: never split into members. */
const singular = new Set([
  'cookie',
  'authorization',
  'user-agent',
  'referer',
  'date',
  'if-modified-since',
  'host',
  'origin',
]);

function normalise(name: string, lines: readonly string[]): string {
  if (singular.has(name)) return lines.join(', ');
  // Combined first: a quoted string that begins in one line and ends in the next is not two members.
  const value = lines.join(', ');
  // Of a field that we do not know, nothing may be dropped: `alice,` may be somebody else than `alice`.
  return unordered.has(name) ? listMembers(value).map(plainMember).sort().join(',') : listElements(value).join(',');
}

/** Whitespace is optional before and after the semicolon of a weight (RFC 9110 §12.4.2), and nowhere else inside a member. */
function plainMember(member: string): string {
  return member.toLowerCase().split(';').map(trimOws).join(';');
}
