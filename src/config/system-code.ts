/** `EADDRINUSE`, `ENOENT`: the code of an error of the system; the text of any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Why the system would not let a file be read, in words where there are some. */
export function unreadable(error: unknown): string {
  const code = systemCode(error);
  return reasons.get(code) ?? code;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is none'],
  ['EACCES', 'no permission'],
  ['EISDIR', 'it is a folder'],
]);
