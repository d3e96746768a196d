import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { settingsSummary } from '../../../src/cli/settings-summary.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { warningsOf } from '../../../src/config/warnings.ts';
import { configText, readConfig } from '../../../src/config/file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'etagere.yaml');
  writeFileSync(path, text);
  return path;
}

/** What a command line says to whom, and its exit code. */
async function outcome(
  args: readonly string[],
  variables: Terminal['variables'] = {},
): Promise<{ readonly code: number; readonly printed: string; readonly said: readonly string[] }> {
  let printed = '';
  const said: string[] = [];
  const code = await run(args, {
    variables,
    nodeVersion: 'v24.0.0',
    machineBytes: 2 ** 40,
    print: (text) => void (printed += text),
    say: (line) => void said.push(line),
    show: () => undefined,
    onStop: () => undefined,
    onHangup: () => undefined,
    onRestart: () => undefined,
    exitNow: () => undefined,
  });
  return { code, printed, said };
}

const small = 'origin: http://localhost:3000\nmemory: 1gb\nstaleIfError: 1h\norigins: {}\n';

describe('etagere check', () => {
  it('says what would run, and ends with 0', async () => {
    const path = file(small);
    expect(await outcome(['check', path])).toEqual({
      code: 0,
      said: [],
      printed: `${path} is fine.

listens on  127.0.0.1:8080
memory      1gb

origins
  default: http://localhost:3000

routes; the first that matches decides
  1. everything -> default; stale if error 1h
`,
    });
  });

  it('says what is wrong, and ends with 2', async () => {
    const path = file('origin: localhost\nmemroy: 1gb\n');
    expect(await outcome(['check', path])).toEqual({
      code: 2,
      printed: '',
      said: [
        `etagere: ${path} has 2 mistakes:
  ${path}:1:9 origin: "localhost" has no scheme; write http://localhost
  ${path}:2:1 memroy: there is nothing of that name; did you mean memory?`,
      ],
    });
  });

  it('has no file command the terminal', async () => {
    const path = file('log: "\\e[2J"\npreset: "\\u202Eefas"\n');
    const { code, said } = await outcome(['check', path]);
    expect(code).toBe(2);
    expect(said.join().split('\n').slice(1)).toEqual([
      expect.stringContaining('origin: it is missing; '),
      expect.stringContaining('1:6 log: "\\u{1b}[2J" is not what it takes; '),
      expect.stringContaining('2:9 preset: "\\u{202e}efas" is not what it takes; '),
    ]);
  });

  it('says both as JSON', async () => {
    const good = await outcome(['check', '--json', file(small)]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.printed)).toMatchObject({ ok: true, warnings: [], settings: { memory: '1gb' } });
    const bad = await outcome(['check', '--json', file('origin: x')]);
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.printed)).toMatchObject({ ok: false, mistakes: [{ line: 1, column: 9, path: 'origin' }] });
    const none = await outcome(['check', '--json', join(folder, 'none.yaml')]);
    expect(JSON.parse(none.printed)).toMatchObject({
      ok: false,
      mistakes: [{ path: '', advice: 'name a file that this process may read' }],
    });
  });

  it('prints the effective configuration, as a file or as JSON', async () => {
    const path = file(small);
    const { printed } = await outcome(['check', '--print', path], { ETAGERE_DEFAULT_TTL: '5s' });
    expect(printed).toContain('\nmemory: 1gb\n');
    expect(printed).toContain('    defaultTtl: 5s\n');
    expect(await outcome(['check', file(printed), '--print'])).toEqual({ code: 0, said: [], printed });
    expect(JSON.parse((await outcome(['check', '--print', '--json', path])).printed)).toMatchObject({ memory: '1gb' });
  });

  it('looks at what a start would look at: variables, and where it listens', async () => {
    const path = file('origin: http://localhost:8080\n');
    expect((await outcome(['check'], { ETAGERE_CONFIG: path })).said[0]).toMatch(
      /yaml:1:9 origin: http:\/\/localhost:8080 is where Etagere itself is to listen/,
    );
    const variables = { ETAGERE_CONFIG: path, ETAGERE_ORIGIN: 'http://elsewhere' };
    expect(await outcome(['check'], variables)).toMatchObject({ code: 0 });
    const ofTwo = file(
      'origins:\n  api:\n    url: [http://a.test, http://127.0.0.1:8080]\nroutes:\n  - { name: all, origin: api }\n',
    );
    expect((await outcome(['check', ofTwo])).said[0]).toContain(
      'yaml:3:10 origins.api.url: http://127.0.0.1:8080 is where Etagere itself is to listen',
    );
    const inRoute = file(
      'origin: http://a.test\nroutes:\n  - { match: { path: /a }, origin: http://127.0.0.1:8080 }\n',
    );
    expect((await outcome(['check', inRoute])).said[0]).toContain(
      'yaml:3:36 routes[0].origin: http://127.0.0.1:8080 is where Etagere itself is to listen',
    );
  });

  it('looks at the directory of a shelf as a start would, and leaves it as it is', async () => {
    const shelf = join(folder, 'shelf');
    const path = file(`origin: http://localhost:3000\nstore: disk:${shelf}\ndisk: 16mb\n`);
    expect(await outcome(['check', path])).toMatchObject({ code: 0, said: [] });
    mkdirSync(shelf, { mode: 0o700 });
    expect(await outcome(['check', path])).toMatchObject({ code: 0, said: [] });
    expect(readdirSync(shelf)).toEqual([]);
    chmodSync(shelf, 0o777);
    expect(await outcome(['check', path])).toEqual({
      code: 2,
      printed: '',
      said: [
        `etagere: store: everybody may write to ${shelf}, and so decide what is served; chmod 700 it, or give another directory`,
      ],
    });
    chmodSync(shelf, 0o700);
    writeFileSync(join(shelf, 'photo.jpg'), '');
    const { code, printed } = await outcome(['check', '--json', path]);
    expect([code, JSON.parse(printed)]).toMatchObject([
      2,
      { ok: false, mistakes: [{ problem: expect.stringContaining('there is photo.jpg in it') }] },
    ]);
  });

  it('says where a shelf may take more than its file system has', async () => {
    const path = file(`origin: http://localhost:3000\nstore: disk:${join(folder, 'none', 'shelf')}\ndisk: 1000000gb\n`);
    const { code, printed } = await outcome(['check', path]);
    expect(code).toBe(0);
    expect(printed).toMatch(
      /\n {2}disk is 1000000gb, and the file system of \S+ has \d+\w\w free: the shelf goes on within/,
    );
    expect(readdirSync(folder)).not.toContain('none');
  });

  it('needs a file, and no flags of a start', async () => {
    expect(await outcome(['check'])).toMatchObject({
      code: 2,
      said: ['etagere: no file is named; write etagere check etagere.yaml'],
    });
    expect((await outcome(['--memory', '1gb', 'check', 'x'])).said[0]).toContain('--memory is not for check');
  });
});

describe('the summary of settings', () => {
  it('has everything in its order, and what most likely is not meant', () => {
    const path = file(`
listen: [8080, "[::1]:8080"]
admin: 8081
adminToken: 0123456789abcdef
origins:
  api: { url: [http://a, { url: http://b, weight: 3 }], healthCheck: { path: /h, interval: 5s } }
routes:
  - { name: one, match: { host: "*.a", path: [/a/*, /b], method: GET }, origin: api, ttl: { lifetime: 1h, force: true } }
  - { match: { path: /c }, origin: http://c, defaultTtl: 5s, staleWhileRevalidate: 1m, staleIfError: { 5xx: 1m } }
  - { key: { keepQuery: [], sortQuery: true }, bypass: { cookie: s }, headers: { request: { remove: a }, response: { set: { b: c } } } }
`);
    const settings = readConfig(configText(path), {}, {});
    expect(settingsSummary(settings, warningsOf(settings))).toBe(`listens on  127.0.0.1:8080, [::1]:8080
admin on    127.0.0.1:8081, with a token
memory      256mb

origins
  api: http://a, http://b (weight 3); asked for /h every 5s
  http://c: http://c

routes; the first that matches decides
  1. one: GET, *.a, /a/* or /b -> api; ttl 1h, forced
  2. /c -> http://c; default ttl 5s, stale while revalidating 1m, stale if error 1m (5xx), 0s (unreachable)
  3. everything -> api; query sorted, query of nothing, 1 bypass rule, 2 header edits

warnings
  route one forces its ttl: what is private or no-store, or sets cookies, is stored too, and one client may get what was made for another
`);
  });
});
