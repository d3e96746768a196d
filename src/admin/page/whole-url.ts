/** What to say in the place of links, where something is left out of a URL: it names neither what is stored nor what could be purged. Undefined where it is whole. */
export function missingOf(url: string): string | undefined {
  // As `/v1/top` ends a URL that is too long to be remembered; none has this character of its own.
  if (url.endsWith('…')) return 'Shortened here: search the shelf for a part of it.';
  // As the value of a parameter that looks secret is written.
  return url.includes('[redacted]') ? 'A secret is left out of its URL.' : undefined;
}
