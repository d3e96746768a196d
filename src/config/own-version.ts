import { readFileSync } from 'node:fs';

/** The version of the package that this file belongs to: two folders up, in src/ as in dist/, where the command is one file. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}
