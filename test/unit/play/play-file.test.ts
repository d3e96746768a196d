import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fixtureFiles } from '../../../src/play/files.ts';
import { inProcess } from '../../../src/play/in-process.ts';
import { playFile } from '../../../src/play/play-file.ts';
import { parrot, relay } from './relay.ts';

const head = 'title  a\nrule   RFC 9111 §4\nkind   check\nat 0s\n';

it.each([
  ['client sends GET /a\norigin receives GET /a\norigin answers 204\nclient receives 204\n', { outcome: 'passed' }],
  [
    'client sends GET /a\norigin silent\n',
    {
      outcome: 'failed',
      message: 'a.cache:6: origin silent: expected no request at the origin, got GET /a (client has no response)',
    },
  ],
  [
    'client sends GET /a\nclient waits\n',
    {
      outcome: 'unreadable',
      message: expect.stringContaining('a.cache:6: expected one of: client [NAME] sends') as string,
    },
  ],
])('says how a file ended: %j', async (steps, verdict) => {
  expect(await playFile({ path: 'a.cache', text: head + steps }, inProcess(relay))).toEqual(verdict);
});

it('plays a cache that answers without the origin, and says so', async () => {
  const steps = 'client sends GET /a\norigin receives GET /a\n';
  const { outcome, message } = await playFile({ path: 'a.cache', text: head + steps }, inProcess(parrot));
  expect(outcome).toBe('failed');
  expect(message).toContain('client has status 200 (cache-status: etagere; hit; ttl=5) with body always the same');
});

it('finds the fixtures in a folder by their order, or a single one', () => {
  const folder = join(import.meta.dirname, '../../../fixtures');
  const paths = fixtureFiles(folder).map(({ path }) => path.slice(folder.length + 1));
  expect(paths[0]).toMatch(/^10-store\//);
  expect(paths).toEqual([...paths].sort());
  expect(fixtureFiles(join(folder, paths[0] ?? '')).map(({ path }) => path)).toEqual([join(folder, paths[0] ?? '')]);
});
