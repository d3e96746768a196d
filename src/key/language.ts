import { fieldValue, type Fields, listMembers, trimOws } from '../http/fields.ts';
import { variantKey } from './nominated-fields.ts';

/**
 * Accept-Language as a ranking (RFC 9110 §12.5.4), for choosing among stored variants (RFC 9111 §4.1): whoever prefers a language
 * above all others gets the variant in that language, whatever else the original request preferred.
 */

/** The one language that a request prefers above all others, in lower case; undefined where there is none, or it is `*`. */
export function preferredLanguage(request: Fields): string | undefined {
  const value = fieldValue(request, 'accept-language');
  if (value === undefined) return undefined;
  let best: { readonly language: string; readonly weight: number } | undefined;
  let tied = false;
  for (const member of listMembers(value)) {
    const ranked = ranking(member);
    if (ranked === undefined) return undefined;
    if (best !== undefined && ranked.weight < best.weight) continue;
    tied = best?.weight === ranked.weight;
    best = ranked;
  }
  return best === undefined || tied || best.weight === 0 || best.language === '*' ? undefined : best.language;
}

/** RFC 9110 §12.4.2, §12.5.4; undefined where the member can't be read. */
function ranking(member: string): { language: string; weight: number } | undefined {
  const [range = '', ...parameters] = member.toLowerCase().split(';').map(trimOws);
  if (!/^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/.test(range) || parameters.length > 1) return undefined;
  const weight = parameters.length === 0 ? '1' : /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameters[0] ?? '')?.[1];
  return weight === undefined ? undefined : { language: range, weight: Number(weight) };
}

/** A stored variant, as far as languages ask. */
export interface LanguageVariant {
  readonly nominatedFields: readonly string[];
  readonly variant: string;
  readonly fields: Fields;
}

/**
 * Whether a stored response is in the language that the request prefers above all others, and matches it in every other nominated field. A
 * response in several languages, or that does not say which, is none of that.
 */
export function isPreferredLanguage(stored: LanguageVariant, request: Fields): boolean {
  const at = stored.nominatedFields.indexOf('accept-language');
  if (at < 0) return false;
  const language = fieldValue(stored.fields, 'content-language')?.toLowerCase();
  if (language === undefined || language !== preferredLanguage(request)) return false;
  const before = variantKey(stored.nominatedFields.slice(0, at), request);
  const after = variantKey(stored.nominatedFields.slice(at + 1), request);
  return stored.variant.startsWith(before) && withoutFirst(stored.variant.slice(before.length)) === after;
}

/** A variant key without its first field. A value may hold what looks like the rest of a key, so its length decides where it ends. */
function withoutFirst(variant: string): string {
  const [head = '', length] = /^[^=;]*(?:;|=(\d+):)/.exec(variant) ?? [];
  return variant.slice(length === undefined ? head.length : head.length + Number(length) + 1);
}
