import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peers } from '../../scoreboard/peers.ts';
import { startPeer } from '../../peers/peer-process.ts';

const tests = join(import.meta.dirname, '../..');

function templateText(template: string): string {
  const path = join(tests, template);
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

describe.each(peers)('$name', (peer) => {
  const text = templateText(peer.templates);

  it('forwards to the origin that it is given', () => {
    expect(text).toContain('127.0.0.1');
    expect(text).toContain('{{originPort}}');
  });

  it('is told nothing that can not be filled in', () => {
    const names = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    expect(['folder', 'port', 'originPort']).toEqual(expect.arrayContaining(names) as string[]);
  });

  it('listens on the port and writes into the folder that it is given, and nowhere else', () => {
    const place = { folder: '/of/its/own', port: 4711 };
    const said = [...peer.args(place), ...Object.values(peer.variables?.(place) ?? {})].join(' ');
    expect(text.includes('{{port}}') || said.includes('127.0.0.1:4711')).toBe(true);
    expect(said).toContain('/of/its/own');
    expect(`${text} ${said}`).not.toMatch(/\/(?:var|tmp|run)\//);
  });
});

it('there is no template without its peer', () => {
  const files = readdirSync(join(tests, 'scoreboard/peers')).map((name) => `scoreboard/peers/${name}`);
  expect(files.sort()).toEqual(peers.map(({ templates }) => templates).sort());
});

describe('a peer that runs', () => {
  /** Listens where its configuration says, as a cache would. */
  const listener = {
    ...(peers.find(({ name }) => name === 'nginx') ?? peers[0]),
    name: 'a listener',
    program: process.execPath,
    variables: () => ({}),
  } as (typeof peers)[number];
  const server =
    "require('node:http').createServer((q, s) => s.end(process.cwd())).listen(+process.argv[1], '127.0.0.1')";

  it('has a folder and a port of its own, and is gone with its folder when it is stopped', async () => {
    const running = await startPeer({ ...listener, args: ({ port }) => ['-e', server, String(port)] }, 1);
    const place = await (await fetch(running.url)).text();
    expect(readdirSync(place).sort()).toEqual(['cache', 'nginx.conf']);
    expect(readFileSync(join(place, 'nginx.conf'), 'utf8')).toContain(`proxy_cache_path ${place}/cache`);
    await running.stop();
    expect(existsSync(place)).toBe(false);
    await expect(fetch(running.url)).rejects.toThrow('fetch failed');
  });

  it('is refused with what it said when it ends before it listens', async () => {
    const dying = { ...listener, args: () => ['-e', "console.error('no such directive'); process.exit(3)"] };
    await expect(startPeer(dying, 1)).rejects.toThrow('a listener does not listen:\nno such directive');
  });

  it('is refused when its program is not there', async () => {
    await expect(startPeer({ ...listener, program: '/nowhere' }, 1)).rejects.toThrow('a listener does not listen');
  });
});
