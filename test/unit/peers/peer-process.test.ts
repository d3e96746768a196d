import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../peers/peer.ts';
import { startPeer } from '../../peers/peer-process.ts';

describe('a peer that runs', () => {
  const server =
    "require('node:http').createServer((q, s) => s.end(process.cwd())).listen(+process.argv[1], '127.0.0.1')";
  /** Listens where its configuration says, as a cache would. */
  const listener: Peer = {
    name: 'a listener',
    debianPackage: 'none',
    program: process.execPath,
    versionArgs: ['--version'],
    templates: 'bench/peers/nginx.conf',
    folders: ['cache'],
    args: ({ port }) => ['-e', server, String(port)],
    values: ({ port }) => ({ accessLog: `access-${port}` }),
  };
  it('has a folder and a port of its own, and is gone with its folder when it is stopped', async () => {
    const running = await startPeer(listener, 1);
    const place = await (await fetch(running.url)).text();
    expect(readdirSync(place).sort()).toEqual(['cache', 'nginx.conf']);
    const text = readFileSync(join(place, 'nginx.conf'), 'utf8');
    expect(text).toContain(`proxy_cache_path ${place}/cache`);
    expect(text).toContain(`access_log access-${new URL(running.url).port};`);
    expect(text).toContain('server 127.0.0.1:1;');
    await running.stop();
    expect(existsSync(place)).toBe(false);
    await expect(fetch(running.url)).rejects.toThrow('fetch failed');
  });

  it('is run by a launcher, in a folder below the one that is given, where that is said', async () => {
    const below = mkdtempSync(join(tmpdir(), 'etagere-test-'));
    const running = await startPeer(listener, 1, { below, launcher: ['env', 'IN_PLACE_OF=taskset'] });
    expect(dirname(await (await fetch(running.url)).text())).toBe(realpathSync(below));
    await running.stop();
    expect(readdirSync(below)).toEqual([]);
    rmdirSync(below);
  });

  it('is refused with what it said when it ends before it listens', async () => {
    const dying = { ...listener, args: () => ['-e', "console.error('no such directive'); process.exit(3)"] };
    await expect(startPeer(dying, 1)).rejects.toThrow('a listener does not listen:\nno such directive');
  });

  it('is refused when its program is not there', async () => {
    await expect(startPeer({ ...listener, program: '/nowhere' }, 1)).rejects.toThrow('a listener does not listen');
  });
});
