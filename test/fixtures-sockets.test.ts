import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startOver } from '../src/play/etagere.ts';
import { fixtureFiles } from '../src/play/files.ts';
import { playFile } from '../src/play/play-file.ts';
import { overSockets } from '../src/play/sockets.ts';

const root = join(import.meta.dirname, '..');

/** The patience with an origin is measured in real time over sockets: these fixtures are played to their end in process only. */
const needsPatience = /^origin .*times out$/m;

describe.each(['the fast lane', 'node:http'] as const)('over %s', (lane) => {
  const source = overSockets(startOver(lane));

  it.each(fixtureFiles(join(root, 'fixtures')).map((file) => [relative(root, file.path), file] as const))(
    '%s holds over sockets',
    async (_path, file) => {
      const { outcome, message } = await playFile(file, source);
      const expected = needsPatience.test(file.text) ? 'skipped' : 'passed';
      expect({ outcome, message: outcome === expected ? '' : message }).toEqual({ outcome: expected, message: '' });
    },
  );
});
