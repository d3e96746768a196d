import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PrivateDirectory, removeLeft } from '../../../src/cli/private-directory.ts';

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'private-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** As of a process that was killed: nobody has taken its socket away. */
async function left(name: string): Promise<string> {
  const whole = join(parent, name);
  mkdirSync(join(whole, 'shelf'), { recursive: true });
  writeFileSync(join(whole, 'shelf', 'data.mdb'), 'content');
  const server = createServer().listen(join(whole, 'begun'));
  await once(server, 'listening');
  renameSync(join(whole, 'begun'), join(whole, 'in-use'));
  server.close();
  await once(server, 'close');
  return whole;
}

it('what a killed process has left is taken away when another directory is made', async () => {
  const whole = await left('etagere-workers-shelf-left');
  const directory = new PrivateDirectory(parent);
  await vi.waitFor(() => expect(existsSync(whole)).toBe(false));
  directory.remove();
});

it('a directory that is in use stays where another is made', async () => {
  const directory = new PrivateDirectory(parent);
  const sign = join(dirname(directory.path), 'in-use');
  await vi.waitFor(() => expect(existsSync(sign)).toBe(true));
  await removeLeft(parent);
  expect(existsSync(directory.path)).toBe(true);
  directory.remove();
  expect(existsSync(dirname(directory.path))).toBe(false);
});

it('what others have there is left alone, and so is what does not show whether it is in use', async () => {
  const another = await left('another');
  const unknown = join(parent, 'etagere-workers-shelf-unknown');
  mkdirSync(unknown);
  await removeLeft(parent);
  expect([another, unknown].map((path) => existsSync(path))).toEqual([true, true]);
});
