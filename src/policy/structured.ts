import { type Dictionary, isInnerList, parseDictionary, parseList, Token } from 'structured-headers';

/**
 * Structured fields (RFC 9651) as the policy needs them. A field that does not parse counts as absent, as RFC 9651 §4.2 has it: undefined.
 */

export function dictionaryOf(value: string): Dictionary | undefined {
  try {
    return parseDictionary(value);
  } catch {
    return undefined;
  }
}

/** The members of a List of Strings; a member of another type makes the whole unusable. */
export function stringsOf(value: string): readonly string[] | undefined {
  try {
    return onlyStrings(parseList(value).map((member) => (isInnerList(member) ? undefined : member[0])));
  } catch {
    return undefined;
  }
}

/** The members of an inner list of Strings. */
export function innerStrings(
  member: Dictionary extends Map<string, infer Member> ? Member : never,
): readonly string[] | undefined {
  return isInnerList(member) ? onlyStrings(member[0].map(([item]) => item)) : undefined;
}

function onlyStrings(items: readonly unknown[]): readonly string[] | undefined {
  return items.every((item) => typeof item === 'string') ? items : undefined;
}

/** Whether a bare item is a Token (RFC 9651 §3.3.4), which is no String. */
export function isTokenItem(item: unknown): item is Token {
  return item instanceof Token;
}
