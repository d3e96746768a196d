import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FixtureFile, fixtureFiles } from '../play/files.ts';
import type { Fixture } from '../play/fixture.ts';
import { faultText, parseFixture } from '../play/parse.ts';
import { UsageError } from '../config/usage-error.ts';
import { systemCode } from '../config/system-code.ts';

/** The fixtures of the package that this file belongs to, as seen from the working directory: two folders up, in src/ as in dist/. */
const bundled = relative('', fileURLToPath(new URL('../../fixtures', import.meta.url)));

/** Where the language of the fixtures is described, as seen from the working directory. */
export const languagePath = join(bundled, 'README.md');

/**
 * The fixtures at these paths: files, folders, or names below the bundled folder, like `60-stale`. No path means all that are bundled.
 *
 * @param complain is told of each fixture that can't be read, where there are several
 * @throws UsageError for what can't be read
 */
export function readFixtures(paths: readonly string[], complain: (line: string) => void): Fixture[] {
  const files = (paths.length === 0 ? [bundled] : paths).flatMap(filesAt);
  const parsed = files.map(({ path, text }) => parseFixture(text, path));
  const faults = parsed.flatMap((one) => (one.ok ? [] : [faultText(one.fault)]));
  if (faults[0] !== undefined) {
    if (faults.length > 1) for (const fault of faults) complain(fault);
    throw new UsageError(
      faults.length > 1 ? `${faults.length} of ${files.length} fixtures can't be read` : faults[0],
      `${languagePath} has the language`,
    );
  }
  return parsed.flatMap((one) => (one.ok ? [one.fixture] : []));
}

function filesAt(path: string): FixtureFile[] {
  let files: FixtureFile[];
  try {
    files = fixtureFiles(existsSync(path) || !existsSync(join(bundled, path)) ? path : join(bundled, path));
  } catch (error) {
    throw new UsageError(
      `${path}: can't be read (${systemCode(error)})`,
      'name a fixture, a folder of fixtures, or a topic like 60-stale',
    );
  }
  if (files.length === 0) throw new UsageError(`${path}: no fixtures there`, 'their names end with .cache');
  return files;
}
