import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import { startEtagere } from '../../../src/play/etagere.ts';
import { defaultOptions } from '../../../src/play/options.ts';
import { freePort } from '../../free-port.ts';
import { hit } from '../play/fixture-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'etagere-play-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bundled = 'fixtures/10-store/a-fresh-200-is-reused.cache';

function fixtureFile(name: string, steps: string, kind = 'required'): string {
  const path = join(folder, `${name}.cache`);
  writeFileSync(path, `title  a claim\nrule   RFC 9111 §4\nkind   ${kind}\nat 0s\n${steps}`);
  return path;
}

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly said: string[];
  readonly shown: string[];
}

async function etagere(...args: string[]): Promise<Ended> {
  let printed = '';
  const said: string[] = [];
  const shown: string[] = [];
  const code = await run(args, {
    variables: {},
    nodeVersion: 'v24.0.0',
    print: (text) => {
      printed += text;
    },
    say: (line) => void said.push(line),
    show: (line) => void shown.push(line),
    machineBytes: 2 ** 40,
    onStop: () => undefined,
    onHangup: () => undefined,
    onRestart: () => undefined,
    exitNow: () => undefined,
  });
  return { code, printed, said, shown };
}

describe('etagere play', () => {
  it('plays all that comes with Etagere, and ends with 0 as all of it passes', async () => {
    const { code, printed } = await etagere('play');
    expect(printed).toMatch(/^passed\/failed\/not reached\/skipped +required +optimal +safe +check\n10-store /);
    expect(printed).toMatch(/\nall +(\d{2,}\/0\/0\/0 *){4}\n$/);
    expect(code).toBe(0);
  });

  it('ends with 1 when a required fixture fails, and says where', async () => {
    const path = fixtureFile('wrong', 'client sends GET /a\norigin silent\nclient leaves\n');
    const { code, printed } = await etagere('play', bundled, path);
    expect(code).toBe(1);
    expect(printed).toContain(
      `\nrequired, not reached: ${path}:6: origin silent: expected no request at the origin, got GET /a`,
    );
    expect(printed).toContain('10-store');
  });

  it('ends with 0 when only what is optional fails', async () => {
    const { code, printed } = await etagere('play', fixtureFile('optional', 'client sends GET /a\n', 'optimal'));
    expect(printed).toContain('\noptimal: ');
    expect(code).toBe(0);
  });

  it('writes the report as JSON', async () => {
    const json = join(folder, 'report.json');
    expect(await etagere('play', bundled, '--json', json)).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      target: null,
      fixtures: [{ file: bundled, topic: '10-store', kind: 'optimal', outcome: 'passed' }],
    });
  });

  it('plays against a cache elsewhere that forwards to its origin', async () => {
    const originPort = await freePort();
    const originUrl = `http://127.0.0.1:${originPort}`;
    const cache = await startEtagere({ originUrl, clock: systemClock, options: defaultOptions });
    try {
      const path = fixtureFile('hit', hit);
      const args = ['play', path, '--target', cache.url, '--origin-port', String(originPort)];
      const { code, printed, said, shown } = await etagere(...args);
      expect(shown).toEqual(['1 of 1 fixtures played', '']);
      expect(said).toEqual([`etagere: the origin listens on ${originUrl}; ${cache.url} has to forward there`]);
      expect(printed).toMatch(/\nall +1\/0\/0\/0 +- +- +-\n$/);
      expect(code).toBe(0);
    } finally {
      await cache.close();
    }
  });

  it('ends with 2 when the port of the origin is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const { code, said } = await etagere('play', '--target', 'http://a', '--origin-port', String(port));
    server.close();
    expect(said).toEqual([
      `etagere: --origin-port: can't listen on 127.0.0.1:${port} (EADDRINUSE); choose another, to which the cache forwards`,
    ]);
    expect(code).toBe(2);
  });

  it.each([
    [['nowhere'], "nowhere: can't be read (ENOENT); name a fixture, a folder of fixtures, or a topic like 60-stale"],
    [['src/cli'], 'src/cli: no fixtures there; their names end with .cache'],
    [
      ['package.json'],
      expect.stringMatching(/^package\.json:1: expected .*; fixtures\/README\.md has the language$/) as string,
    ],
    [['--patience', '5s'], '--patience is for a cache elsewhere; add --target URL'],
    [['--target', 'a'], '--target: "a" has no scheme; write http://a'],
    [['--target', 'https://a'], '--target: "https://a" is not plain HTTP; name an http:// address of the cache'],
    [
      ['--target', 'http://a', '--patience', '5'],
      expect.stringMatching(/^--patience: "5" is not a duration/) as string,
    ],
    [
      ['--target', 'http://a', '--side-by-side', '0'],
      '--side-by-side: nothing can be played by none; give it 1 or more',
    ],
    [
      ['--target', 'http://a', '--origin-port', '65536'],
      '--origin-port: "65536" is not a port; write a number up to 65535, or 0 for any free one',
    ],
    [['--memory', '1gb'], '--memory is not for play; etagere play --help shows what there is'],
    [['--tarnget', 'x'], "unknown option '--tarnget'; did you mean --target?"],
    [
      [bundled, '--json', 'nowhere/a.json'],
      "--json: nowhere/a.json can't be written (ENOENT); name a file in a folder that exists",
    ],
    [
      ['--target', 'http://a', '--json', 'nowhere/a.json'],
      "--json: nowhere/a.json can't be written (ENOENT); name a file in a folder that exists",
    ],
  ])('ends with 2 and one line for %j', async (args, line) => {
    const { code, said } = await etagere('play', ...args);
    expect(said.map((text) => text.replace(/^etagere: /, ''))).toEqual([line]);
    expect(code).toBe(2);
  });

  it('plays a bundled topic by its name', async () => {
    const { code, printed } = await etagere('play', '73-options');
    expect(printed).toMatch(/\n73-options +\d/);
    expect(code).toBe(0);
  });

  it('shows every fixture of a folder that can not be read', async () => {
    const bad = mkdtempSync(join(folder, 'bad-'));
    for (const name of ['a', 'b']) writeFileSync(join(bad, `${name}.cache`), 'titel\n');
    writeFileSync(join(bad, 'c.cache'), 'title a\nrule RFC 9111 §4\nkind check\nat 0s\n');
    const { code, said } = await etagere('play', bad);
    expect(said).toEqual([
      expect.stringContaining(`${join(bad, 'a.cache')}:1: expected`),
      expect.stringContaining(`${join(bad, 'b.cache')}:1: expected`),
      "etagere: 2 of 3 fixtures can't be read; fixtures/README.md has the language",
    ]);
    expect(code).toBe(2);
  });

  it('has help of its own', async () => {
    const { code, printed } = await etagere('play', '--help');
    for (const part of ['--target <url>', '(default: 8000)', '(default: 12s)', '--json <file>', 'Exit codes: 0 ']) {
      expect(printed.replace(/\s+/g, ' ')).toContain(part);
    }
    expect(code).toBe(0);
  });
});
