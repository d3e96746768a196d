/** What a terminal may take for a command, or what would let a text look like another: control and format characters, line ends, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** A text that came from others, made safe to be shown on a line of a terminal: `\u{1b}` in the place of an escape. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for a message of several lines, which may show what a file has. */
export function printableLines(message: string): string {
  return message.split('\n').map(printable).join('\n');
}

/** A value as JSON that is safe on a terminal, too. It reads as the same value. */
export function printableJson(value: unknown, indentation = 0): string {
  return JSON.stringify(value, null, indentation).replace(unprintable, (character) =>
    character === '\n' ? character : utf16Escapes(character),
  );
}

function utf16Escapes(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

/** At most that many characters, the last an ellipsis where something was cut off. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
