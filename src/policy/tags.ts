import { type Fields, listMembers } from '../http/fields.ts';

/**
 * Tags: names by which an origin lets a response be purged together with others. There is no RFC for them; these three fields are what applications send for the
 * caches that had them first. In Cache-Tag commas separate, in the others spaces. Other than the groups of RFC 9875 a tag means the same at all origins.
 */
export const tagFields: readonly string[] = ['surrogate-key', 'cache-tag', 'xkey'];

const spaced: ReadonlySet<string> = new Set(['surrogate-key', 'xkey']);

const none: readonly string[] = [];

/** The tags of a response, each once, in the order in which they stand. */
export function responseTags(response: Fields): readonly string[] {
  let tags: Set<string> | undefined;
  for (let i = 0; i < response.length; i += 2) {
    const name = response[i] as string;
    const isSpaced = spaced.has(name);
    if (!isSpaced && name !== 'cache-tag') continue;
    tags ??= new Set();
    const value = response[i + 1] as string;
    for (const tag of isSpaced ? value.split(/[ \t]+/) : listMembers(value)) if (tag !== '') tags.add(tag);
  }
  return tags === undefined || tags.size === 0 ? none : [...tags];
}

/** Characters of all tags of one response that are remembered: as long as the header section of a CDN may be. */
const maxCharacters = 16 * 1024;

/** Whether these are more tags, or longer ones, than are remembered of one response. */
export function areTooManyTags(tags: readonly string[], maxTags: number): boolean {
  let characters = 0;
  for (const tag of tags) characters += tag.length;
  return tags.length > maxTags || characters > maxCharacters;
}
