import { trimOws } from './fields.ts';

/** An entity-tag (RFC 9110 §8.8.3). `opaque` is compared; `text` is what the origin wrote, and what goes back to it. */
export interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
  readonly text: string;
}

const wellFormed = /^(W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/;

/**
 * Reads an ETag value. A value that is not well-formed is kept as an opaque weak tag of its own spelling, compared byte for byte: origins
 * that forget the quotes still get it back in If-None-Match, and it never counts as a strong validator. But `*` is none: in If-None-Match it
 * would be a question with another meaning.
 */
export function parseEntityTag(value: string): EntityTag | undefined {
  const text = trimOws(value);
  if (text === '' || text === '*') return undefined;
  const match = wellFormed.exec(text);
  if (match === null) return { weak: true, opaque: text, text };
  return { weak: match[1] !== undefined, opaque: match[2] as string, text };
}

/** If-None-Match (RFC 9110 §13.1.2): `*`, or its entity-tags in order. */
export function parseEntityTagList(value: string): '*' | readonly EntityTag[] {
  if (trimOws(value) === '*') return '*';
  const tags: EntityTag[] = [];
  let start = 0;
  let quoted = false;
  // A backslash is an ordinary character inside an entity-tag, so this is not the quoted-string of other lists.
  for (let i = 0; i <= value.length; i++) {
    const char = i < value.length ? value[i] : ',';
    if (char === '"') quoted = !quoted;
    if ((char !== ',' || quoted) && i < value.length) continue;
    const tag = parseEntityTag(value.slice(start, i));
    if (tag !== undefined) tags.push(tag);
    start = i + 1;
  }
  return tags;
}

/** RFC 9110 §8.8.3.2: the opaque parts are equal, weak or not. */
export function weaklyEqual(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque;
}

/** RFC 9110 §8.8.3.2: equal, and neither is weak. */
export function stronglyEqual(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque;
}
