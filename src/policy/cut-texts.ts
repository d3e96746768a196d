/** Whether a text may be cut in two where a content begins or ends: of its halves, one is at least as long as the other. Each takes time that grows with the lengths alone. */

/** Whether bytes of this beginning and this end may have at least half of the text at one of them, but not all of it, or are a piece of it. */
export function mayBeCut(text: Uint8Array, first: Uint8Array, last: Uint8Array): boolean {
  const beginning = first.subarray(0, text.length - 1);
  const isPiece = first.length === beginning.length;
  const atFirst = overlap(text, beginning, isPiece);
  if (atFirst * 2 >= text.length || (isPiece && atFirst === first.length)) return true;
  return overlap(last.subarray(-text.length), text.subarray(0, text.length - 1), false) * 2 >= text.length;
}

/** How long the longest beginning of `pattern` is with which `text` ends; all of it where it stands anywhere in the text and `wherever` says so (Knuth, Morris and Pratt, 1977). */
function overlap(text: Uint8Array, pattern: Uint8Array, wherever: boolean): number {
  const borders = bordersOf(pattern);
  let length = 0;
  for (const byte of text) {
    if (wherever && length === pattern.length) return length;
    length = lengthened(pattern, borders, length, byte);
  }
  return length;
}

/** For each beginning of a pattern how long the longest shorter one is with which it ends. */
function bordersOf(pattern: Uint8Array): Int32Array {
  const borders = new Int32Array(pattern.length);
  let length = 0;
  for (let at = 1; at < pattern.length; at++) {
    length = lengthened(pattern, borders, length, pattern[at] as number);
    borders[at] = length;
  }
  return borders;
}

/** How long a beginning of the pattern there is after one byte more. */
function lengthened(pattern: Uint8Array, borders: Int32Array, before: number, byte: number): number {
  let length = before;
  while (length > 0 && pattern[length] !== byte) length = borders[length - 1] as number;
  return pattern[length] === byte ? length + 1 : 0;
}
