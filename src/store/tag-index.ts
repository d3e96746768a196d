import type { StoredResponse } from '../policy/stored.ts';
import type { Handle } from './cells.ts';

/** What a tagged response, and each of its tags, weigh in the tables beside the characters of the tag: measured. */
const overheadOfTagged = 240;
const overheadOfTag = 70;

const none: ReadonlySet<Handle> = new Set();

/** What names a response together with others: its tags, and the groups of RFC 9875, whatever their origin. */
export function tagsOf({ tags, groups }: Pick<StoredResponse, 'tags' | 'groups'>): readonly string[] {
  if (groups.length === 0) return tags;
  return tags.length === 0 ? groups : [...new Set([...tags, ...groups])];
}

/** Which responses have a tag: only those with tags take room here. */
export class TagIndex {
  readonly #byTag = new Map<string, Set<Handle>>();
  readonly #byHandle = new Map<Handle, readonly string[]>();

  add(handle: Handle, tags: readonly string[]): void {
    if (tags.length === 0) return;
    this.#byHandle.set(handle, tags);
    for (const tag of tags) {
      const handles = this.#byTag.get(tag);
      if (handles === undefined) this.#byTag.set(tag, new Set<Handle>().add(handle));
      else handles.add(handle);
    }
  }

  remove(handle: Handle): void {
    const tags = this.#byHandle.get(handle);
    if (tags === undefined) return;
    this.#byHandle.delete(handle);
    for (const tag of tags) {
      const handles = this.#byTag.get(tag);
      if (handles?.delete(handle) === true && handles.size === 0) this.#byTag.delete(tag);
    }
  }

  has(handle: Handle, tag: string): boolean {
    return this.#byTag.get(tag)?.has(handle) === true;
  }

  of(tag: string): ReadonlySet<Handle> {
    return this.#byTag.get(tag) ?? none;
  }

  /** Bytes that the tags of a response take here. */
  weightOf(handle: Handle): number {
    const tags = this.#byHandle.get(handle);
    return tags === undefined ? 0 : weightOfTags(tags);
  }
}

/** The same before it is here. */
export function weightOfTags(tags: readonly string[]): number {
  if (tags.length === 0) return 0;
  let bytes = overheadOfTagged;
  for (const tag of tags) bytes += overheadOfTag + tag.length;
  return bytes;
}
