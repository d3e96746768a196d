/** What came of something, or what was wrong, in one line. */
export type Attempted<T> =
  | { readonly value: T; readonly trouble?: undefined }
  | { readonly value?: undefined; readonly trouble: string };

/** Says at once what was wrong; everything else goes on. */
export async function attempted<T>(what: string, work: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`NOT MEASURED: ${what}: ${message}`);
    return { trouble: message.split('\n')[0] ?? '' };
  }
}
