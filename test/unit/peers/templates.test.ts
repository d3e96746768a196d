import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peers as benchPeers, withAccessLog } from '../../bench/peers.ts';
import { peers as scoreboardPeers } from '../../scoreboard/peers.ts';

const tests = join(import.meta.dirname, '../..');

/** Not an HTTP cache, so nobody's peer: what all of them stand before. */
const originTemplate = 'bench/peers/origin.conf';

function templateText(template: string): string {
  const path = join(tests, template);
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

const peers = [
  ...scoreboardPeers,
  ...benchPeers,
  ...benchPeers.filter(({ name }) => name === 'nginx').map(withAccessLog),
];

describe.each(peers)('$name in $templates', (peer) => {
  const place = { folder: '/of/its/own', port: 4711 };
  const text = templateText(peer.templates);

  it('forwards to the origin that it is given', () => {
    expect(text).toContain('127.0.0.1');
    expect(text).toContain('{{originPort}}');
  });

  it('is told nothing that can not be filled in', () => {
    const names = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    const known = ['folder', 'port', 'originPort', ...Object.keys(peer.values?.(place) ?? {})];
    expect(known).toEqual(expect.arrayContaining(names) as string[]);
  });

  it('listens on the port and writes into the folder that it is given, and nowhere else', () => {
    const values = { ...peer.variables?.(place), ...peer.values?.(place) };
    const said = [...peer.args(place), ...Object.values(values)].join(' ');
    expect(text.includes('{{port}}') || said.includes('127.0.0.1:4711')).toBe(true);
    expect(said).toContain('/of/its/own');
    expect(`${text} ${said}`).not.toMatch(/\/(?:var|tmp|run)\//);
  });
});

it.each(['scoreboard/peers', 'bench/peers'])('there is no template without its peer in %s', (folder) => {
  const files = readdirSync(join(tests, folder)).map((name) => `${folder}/${name}`);
  const used = new Set([originTemplate, ...peers.map(({ templates }) => templates)]);
  expect(files.filter((file) => !used.has(file))).toEqual([]);
});
