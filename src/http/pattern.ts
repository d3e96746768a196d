/** Whether a text is what a pattern says: `*` stands for any characters, none as well, and all else for itself. Linear in the length of both. */
export type Matches = (text: string) => boolean;

/** A `*` in the other text is matched by one in the pattern alone: so this also tells whether a pattern covers all that another one matches. */
export function pattern(text: string): Matches {
  const [first = '', ...rest] = text.split('*');
  const last = rest.pop();
  if (last === undefined) return (other) => other === text;
  return (other) => {
    if (other.length < first.length + last.length || !other.startsWith(first) || !other.endsWith(last)) return false;
    const end = other.length - last.length;
    let at = first.length;
    for (const part of rest) {
      const found = other.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** Whether one of these patterns fits; none does where there are none. */
export function anyPattern(texts: readonly string[]): Matches {
  const patterns = texts.map(pattern);
  return (other) => patterns.some((matches) => matches(other));
}
