import type { Handle } from './cells.ts';
import { flat } from '../http/flat-text.ts';
import { Members } from './members.ts';

/** What a tagged response, and each of its tags, weigh in the tables beside the characters of the tag: measured. */
const overheadOfTagged = 240;
const overheadOfTag = 70;

/** Which responses have a tag: only those with tags take room here. */
export class TagIndex {
  readonly #byTag = new Members<string, Handle>();
  readonly #byHandle = new Map<Handle, readonly string[]>();

  add(handle: Handle, tags: readonly string[]): void {
    if (tags.length === 0) return;
    const own = tags.map(flat);
    this.#byHandle.set(handle, own);
    for (const tag of own) this.#byTag.add(tag, handle);
  }

  remove(handle: Handle): void {
    const tags = this.#byHandle.get(handle);
    if (tags === undefined) return;
    this.#byHandle.delete(handle);
    for (const tag of tags) this.#byTag.remove(tag, handle);
  }

  has(handle: Handle, tag: string): boolean {
    return this.#byTag.has(tag, handle);
  }

  countOf(tag: string): number {
    return this.#byTag.countOf(tag);
  }

  /** Who comes meanwhile is there at the end. */
  of(tag: string): Iterable<Handle> {
    return this.#byTag.of(tag);
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
