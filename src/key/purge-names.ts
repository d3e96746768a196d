/** By what a purge by tag finds a response. */
export interface Named {
  readonly tags: readonly string[];
  /** The names of the groups that it belongs to (RFC 9875 §2). */
  readonly groups: readonly string[];
}

/** What names a response together with others, each once: its tags, and the groups of RFC 9875, whatever their origin. A purge by tag is about all that have the name. */
export function purgeNames({ tags, groups }: Named): readonly string[] {
  if (groups.length === 0) return tags;
  return tags.length === 0 ? groups : [...new Set([...tags, ...groups])];
}
