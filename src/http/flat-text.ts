/** The same text as a string of its own: a piece of a larger one, like a head, would keep all of that in memory. It must be Latin-1, as whatever stands in a record is. */
export function flat<Text extends string>(text: Text): Text {
  return Buffer.from(text, 'latin1').toString('latin1') as Text;
}
