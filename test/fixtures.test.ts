import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { assembleEtagere } from '../src/play/etagere.ts';
import { fixtureFiles } from '../src/play/files.ts';
import { inProcess } from '../src/play/in-process.ts';
import { playFile } from '../src/play/play-file.ts';

const root = join(import.meta.dirname, '..');
const source = inProcess(assembleEtagere);

it.each(fixtureFiles(join(root, 'fixtures')).map((file) => [relative(root, file.path), file] as const))(
  '%s holds in process',
  async (_path, file) => {
    expect(await playFile(file, source)).toEqual({ outcome: 'passed' });
  },
);
