/** The directory can't be taken for a shelf; the message says what is wrong, where, and what to do instead. */
export class DirectoryRefused extends Error {
  override readonly name = 'DirectoryRefused';
}

/** The refusal for any trouble that has none of its own. */
export function refusalFor(directory: string, error: unknown): DirectoryRefused {
  if (error instanceof DirectoryRefused) return error;
  return new DirectoryRefused(`${directory} can't be used for a shelf: ${reasonOf(error)}`, { cause: error });
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
