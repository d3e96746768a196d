/**
 * The text as it is compared: what is percent-encoded without need stands there as it is (RFC 3986 §6.2.2.2), and the digits of all other encodings are in upper
 * case (RFC 3986 §6.2.2.1). To one who writes it otherwise it is the same.
 */
export function comparable(text: string): string {
  return text.includes('%') ? text.replace(/(%[0-9A-Fa-f]?)?%([0-9A-Fa-f]{2})/g, plainest) : text;
}

/** After a percent sign that encodes nothing, what stands there as it is would become part of another encoding: `%4%42` is not `%4B`. */
function plainest(_: string, stray: string | undefined, digits: string): string {
  const character = String.fromCharCode(Number.parseInt(digits, 16));
  const isPlain = stray === undefined && /[0-9A-Za-z\-._~]/.test(character);
  return isPlain ? character : `${stray ?? ''}%${digits.toUpperCase()}`;
}
