/**
 * Field sections (RFC 9110 §5): ordered and multi-valued, as one flat list `name, value, name, value, …` with names in
 * lower case. It is the shape in which node:http and undici give and take fields, so nothing is converted on the way.
 */

declare const fieldsBrand: unique symbol;

/** A flat list of field lines whose names are lower-case. Made only by the functions of this file. */
export type Fields = readonly string[] & { readonly [fieldsBrand]: true };

export const noFields: Fields = [] as readonly string[] as Fields;

/** Lower-cases the names of a raw flat list and takes it over. */
export function fieldsFrom(raw: readonly string[]): Fields {
  const fields = new Array<string>(raw.length);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    fields[i] = (raw[i] as string).toLowerCase();
    fields[i + 1] = raw[i + 1] as string;
  }
  return fieldsTaken(fields);
}

/** Takes a flat list over as it is. Its names are lower-case, and nobody changes it from here on. */
export function fieldsTaken(lines: readonly string[]): Fields {
  return lines as Fields;
}

/** Fields from pairs, for the places where a literal reads better than a flat list. */
export function fieldsOf(...lines: readonly (readonly [name: string, value: string])[]): Fields {
  return fieldsFrom(lines.flat());
}

/** The values of every line of that name, in order. `name` is lower-case. */
export function fieldLines(fields: Fields, name: string): string[] {
  const lines: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) lines.push(fields[i + 1] as string);
  }
  return lines;
}

/** All lines of that name combined with commas (RFC 9110 §5.3); undefined when there is none. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== name) continue;
    value = value === undefined ? (fields[i + 1] as string) : `${value}, ${fields[i + 1] as string}`;
  }
  return value;
}

export function hasField(fields: Fields, name: string): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return true;
  return false;
}

/** The fields without the lines whose name is in `names`. */
export function withoutFields(fields: Fields, names: ReadonlySet<string>): Fields {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!names.has(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string);
  }
  return fieldsTaken(kept);
}

/** The fields with every line of `name` replaced by one (at the end). */
export function withField(fields: Fields, name: string, value: string): Fields {
  return withLine(hasField(fields, name) ? withoutFields(fields, new Set([name])) : fields, name, value);
}

/** The fields with one more line at the end; lines of the same name stay. */
export function withLine(fields: Fields, name: string, value: string): Fields {
  // One by one: `concat` takes a list of its own for what is added, and twice as long.
  const { length } = fields;
  const lines = new Array<string>(length + 2);
  for (let i = 0; i < length; i++) lines[i] = fields[i] as string;
  lines[length] = name;
  lines[length + 1] = value;
  return fieldsTaken(lines);
}

/** The lines as pairs, for loops off the hot path. */
export function* eachField(fields: Fields): Generator<readonly [name: string, value: string]> {
  for (let i = 0; i < fields.length; i += 2) yield [fields[i] as string, fields[i + 1] as string];
}

/** The members of a comma-separated list (RFC 9110 §5.6.1), without the empty ones that a recipient has to ignore. */
export function listMembers(value: string): string[] {
  return listElements(value).filter((member) => member !== '');
}

/**
 * What stands between the commas of a value, empty or not, without the whitespace around it: a comma inside a quoted string does not
 * separate; a string without an end reaches to the end; linear in the length of the value.
 */
export function listElements(value: string): string[] {
  const members: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= value.length; i++) {
    const code = i < value.length ? value.charCodeAt(i) : 0x2c;
    if (quoted && i < value.length) {
      if (code === 0x5c && i + 1 < value.length) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) {
      quoted = true;
    } else if (code === 0x2c) {
      members.push(trimOws(value.slice(start, i)));
      start = i + 1;
    }
  }
  return members;
}

/** By its code, whether a character may stand in a token. Looked up one by one: for texts as short as these a regular expression takes twice as long. */
const inToken: readonly boolean[] = Array.from({ length: 0x80 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)),
);

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (inToken[text.charCodeAt(i)] !== true) return false;
  return text !== '';
}

/** Whether a value holds only visible characters, SP, HTAB and obs-text (RFC 9110 §5.5), so that it ends where its line ends. */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/** Removes SP and HTAB at both ends (RFC 9110 §5.6.3), in linear time whatever stands between. */
export function trimOws(text: string): string {
  let start = 0;
  while (start < text.length && isOws(text.charCodeAt(start))) start++;
  return trimEndOws(text.slice(start));
}

export function trimEndOws(text: string): string {
  let end = text.length;
  while (end > 0 && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Whether a character code is optional whitespace: SP or HTAB. */
export function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
