/** What takes two bytes for each character in memory; most of what is kept takes one. */
const wide = /[\u0100-\uffff]/;

/** The same text as a string of its own: a piece of a larger one, like a head, would keep all of that in memory. */
export function flat<Text extends string>(text: Text): Text {
  const encoding = wide.test(text) ? 'utf16le' : 'latin1';
  return Buffer.from(text, encoding).toString(encoding) as Text;
}
