/** `EADDRINUSE`, `ENOENT`: the code of an error of the system; the text of any other. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
