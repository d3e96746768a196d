import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A fixture file as it lies there. */
export interface FixtureFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The fixture at `path`, or every fixture in the folder there and below, in the order of their numbers and names.
 *
 * @throws the error of node:fs where there is nothing to read.
 */
export function fixtureFiles(path: string): FixtureFile[] {
  if (!statSync(path).isDirectory()) return [{ path, text: readFileSync(path, 'utf8') }];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cache'))
    .sort()
    .map((name) => join(path, name))
    .map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
}
