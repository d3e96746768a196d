import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configText, type Overrides, readConfig } from '../../../src/config/file.ts';
import { ConfigurationError, type Mistake } from '../../../src/config/problems.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { UsageError } from '../../../src/config/usage-error.ts';

const origin = 'http://localhost:3000';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, overrides: Overrides = {}, variables: Record<string, string> = {}): Settings {
  return readConfig({ name: 'etagere.yaml', folder, text }, overrides, variables);
}

/** `line:column path: problem; advice` of each mistake. */
function mistakes(text: string, variables: Record<string, string> = {}): string[] {
  try {
    read(text, {}, variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes.map(told);
    throw error;
  }
  return [];
}

function told({ line, column, path, problem, advice }: Mistake): string {
  return `${line}:${column} ${path}: ${problem}; ${advice}`;
}

function unknownNames(count: number): string {
  return Array.from({ length: count }, (_, i) => `name${i}: 1\n`).join('');
}

describe('a configuration file', () => {
  it('needs one line, and is then what a start with that origin is', () => {
    expect(read(`origin: ${origin}`)).toEqual(resolveSettings({ origin, log: 'auto' }));
  });

  it('is YAML or JSON', () => {
    const yaml = `listen: 8080\norigin: ${origin}\nlimits:\n  headTimeout: 5s\n  maxVariants: 8\n`;
    const json = `{ "$schema": "x", "listen": 8080, "origin": "${origin}", "limits": { "headTimeout": "5s", "maxVariants": 8 } }`;
    expect(read(json)).toEqual(read(yaml));
    expect(read(yaml).limits).toMatchObject({ originHeadTimeoutMs: 5_000, maxVariants: 8 });
  });

  it('reads numbers as the text that stands there', () => {
    const { routes } = read(`origin: ${origin}\nheaders: { response: { set: { X-Version: 1.10 } } }`);
    expect(routes[0]?.responseFields.set).toEqual([{ name: 'x-version', value: '1.10', secret: false }]);
  });

  it('yields to what variables and flags say, name by name', () => {
    const text = `origin: ${origin}\nmemory: 1mb\nlog: json\nlimits: { maxVariants: 8, maxFollowers: 9 }`;
    const settings = read(text, { memory: '2mb', limits: { maxVariants: 3 }, origin: 'http://other' });
    expect(settings.limits).toMatchObject({ memoryBytes: 2 ** 21, maxVariants: 3, maxFollowers: 9 });
    expect(settings.log).toBe('json');
    expect(settings.origins).toMatchObject([{ name: 'default', servers: [{ url: 'http://other' }] }]);
  });

  it('yields with its token to one that was said elsewhere', () => {
    const said = { adminToken: 'said-elsewhere-16' };
    expect(read(`origin: ${origin}\nadmin: 8081\nadminTokenFile: no-such-file`, said).admin?.token).toBe(
      said.adminToken,
    );
  });

  it('finds files beside itself', () => {
    writeFileSync(join(folder, 'token'), 'a-token-beside-the-file\n');
    expect(read(`origin: ${origin}\nadmin: 8081\nadminTokenFile: token`).admin?.token).toBe('a-token-beside-the-file');
  });

  it('expands variables in secrets, and knows them for such', () => {
    const text = `origin: ${origin}\nadmin: 8081\nadminToken: \${T}\nheaders: { request: { set: { X-Plan: "a \${P}" } } }`;
    const settings = read(text, {}, { T: '0123456789abcdef', P: 'gold' });
    expect(settings.admin?.token).toBe('0123456789abcdef');
    expect(settings.routes[0]?.requestFields.set).toEqual([{ name: 'x-plan', value: 'a gold', secret: true }]);
    expect(mistakes(text, { T: '0123456789abcdef', P: '' })).toEqual([
      '4:38 headers.request.set.X-Plan: the variable P is not set; set it for the process: P=… etagere …',
    ]);
  });

  it('expands variables in the store, unless that is said elsewhere', () => {
    const text = `origin: ${origin}\nstore: redis://:\${PW}@127.0.0.1:6379/0`;
    expect(read(text, {}, { PW: 'p%40ss' }).store).toEqual({ kind: 'redis', url: 'redis://:p%40ss@127.0.0.1:6379/0' });
    expect(mistakes(text)).toEqual(['2:8 store: the variable PW is not set; set it for the process: PW=… etagere …']);
    const store = 'redis://:as${is}@127.0.0.1:6379/0';
    expect(read(text, { store }).store).toEqual({ kind: 'redis', url: store });
  });

  it('shows nothing of a secret that only looks as if it named a variable', () => {
    expect(mistakes(`origin: ${origin}\nstore: redis://:\${hunter-2}@127.0.0.1`)).toEqual([
      '2:8 store: what stands between "${" and "}" is not the name of a variable; write ${NAME}',
    ]);
  });

  it.each([
    'store: "redis://:a\\xqq@h"',
    'store redis://:qq@h',
    'store: redis://:qq@h: x',
    '"store" redis://:qq@h',
    'store: | redis://:qq@h',
    '] redis://:qq@h',
    'store: [redis://:qq@h]',
    'redis://:qq@h: x',
    'store: { redis://:qq@h }',
    'redis://:qq@h',
  ])('shows no secret of a file that is none: %s', (text) => {
    const refusal = mistakes(`origin: ${origin}\n${text}`);
    expect(refusal).not.toEqual([]);
    expect(refusal.join()).not.toContain('qq');
  });

  it('expands nothing else', () => {
    expect(mistakes('origin: ${ORIGIN}', { ORIGIN: origin })[0]).toContain('"${ORIGIN}" is not the URL of an origin');
  });

  it('tells one mistake in a line of its own', () => {
    expect(() => read('origin: localhost:3000')).toThrow(
      new UsageError('etagere.yaml:1:9 origin: "localhost:3000" has no scheme', 'write http://localhost:3000').message,
    );
  });

  it('tells all mistakes, each where it is, in their order', () => {
    const text = `listen: [8080, ":99999"]
defaultTtl: 5
preserveHost: yes
origins:
  api:
    url: [localhost:4000, { url: http://b, weight: 0, wieght: 2 }]
    healthCheck: { interval: 5 }
  docs:
routes:
  - path: /x
    origin: apo
limits:
  headTimeout: 5
`;
    expect(mistakes(text)).toEqual([
      expect.stringMatching(/^1:16 listen\[1\]: ":99999" is not an address to listen on; /),
      '2:13 defaultTtl: "5" is not a duration; add its unit, like 5s for seconds or 5ms for milliseconds',
      '3:15 preserveHost: "yes" is not what it takes; write true',
      '6:11 origins.api.url[0]: "localhost:4000" has no scheme; write http://localhost:4000',
      '6:52 origins.api.url[1].weight: 0 is too small; take 1 to 1000',
      '6:55 origins.api.url[1].wieght: there is nothing of that name; did you mean weight?',
      '7:5 origins.api.healthCheck.path: it is missing; write path: and something like /healthz',
      '7:30 origins.api.healthCheck.interval: "5" is not a duration; add its unit, like 5s for seconds or 5ms for milliseconds',
      '8:8 origins.docs: it has no value; write one, or leave the name out',
      '10:5 routes[0].path: there is nothing of that name; did you mean match.path?',
      '11:13 routes[0].origin: there is no origin "apo"; did you mean api?',
      '13:16 limits.headTimeout: "5" is not a duration; add its unit, like 5s for seconds or 5ms for milliseconds',
    ]);
    expect(() => read(text)).toThrow(/^etagere\.yaml has 12 mistakes:\n {2}etagere\.yaml:1:16 listen\[1\]: /);
  });

  it.each<[string, string]>([
    ['', '1:1 : it is empty; write origin: http://localhost:3000'],
    ['# nothing\n', '1:1 : it is empty; write origin: http://localhost:3000'],
    ['- a', '1:1 : a list is not what it takes; write names with values, like origin: http://localhost:3000'],
    [
      'server {\n  listen 80;\n}',
      '1:1 : "server { listen 80; }" is not what it takes; write names with values, like origin: ',
    ],
    [`${'x'.repeat(60)}y`, `1:1 : "${'x'.repeat(60)}…" is not what it takes; `],
    [`origin: ${origin}\norigin: http://b`, '2:1 : this name is there already, in line 1; leave one of them out'],
    ['{"log": "off", "log": "json"}', '1:16 : this name is there already, in line 1; leave one of them out'],
    [`origin: ${origin}\n---\norigin: http://b`, '2:1 : a second document begins; leave out --- and what follows'],
    ['%YAML 1.1\n---\nlog: off', '1:1 : it says to be of another version; take the line with %YAML away'],
    ['limits:\n\tmaxVariants: 1', '2:1 : a tab stands where the level is told; indent with spaces'],
    ['bypass: { cookie: [*] }', '1:20 : a bare * begins an alias; write it in quotes: "*"'],
    ['listen: [::1]:8080', 'this is not YAML: Unexpected scalar at node end; texts with one of : # [ ]'],
    ['log: &a off', '1:9 log: a bare & begins an anchor, of which there are none here; leave it out'],
    ['routes: [{ match: { host: *.example.com } }]', '1:27 routes[0].match.host: a bare * begins an alias'],
    ['routes: [{ match: { host: *.example.com } }]', 'write it in quotes: "*.example.com"'],
    ['log: !!str off', '1:12 log: a bare ! begins a tag, of which there are none here; leave it out'],
    ['memory: 0x10000', '1:9 memory: 0x10000 is a number to YAML, in another notation; write plain digits'],
    ['defaultTtl: .inf', '1:13 defaultTtl: .inf is a number to YAML, in another notation'],
    ['? [a]\n: 1', '1:3 ["?"]: this is not a name; write a name and a colon'],
    ['<<: { log: off }', '1:1 ["<<"]: there is nothing of that name; what there is here: listen, origin, '],
    ['constructor: x', '1:1 constructor: there is nothing of that name; what there is here: listen, origin, '],
    ['log: off\nLog: off', '2:1 Log: there is nothing of that name; did you mean log?'],
    ['preserveHost: Off', '1:15 preserveHost: "Off" is not what it takes; write false'],
    ['log: true', '1:6 log: true is not what it takes; write auto, json, combined, pretty or off'],
    ['preset: saef', '1:9 preset: "saef" is not what it takes; did you mean safe?'],
    ['memory: true', '1:9 memory: true is not what it takes; write it in quotes: "true"'],
    ['memory: 10', '1:9 memory: "10" is too small for a shelf; give it 64kb or more: a number alone is bytes'],
    ['origins: [api]', '1:10 origins: a list is not what it takes; give it names with values, a level deeper'],
    ['limits: []', '1:9 limits: a list is not what it takes; give it names with values, a level deeper'],
    ['routes: { a: b }', '1:9 routes: an object is not what it takes; give it a list'],
    ['routes: [x]', '1:10 routes[0]: "x" is not what it takes; give it names with values, a level deeper'],
    ['limits: { sort: 1 }', 'limits.sort: there is nothing of that name; what there is here: maxObjectShare, '],
    [
      'limits: { originHeadTimeoutMs: 1 }',
      'limits.originHeadTimeoutMs: there is nothing of that name; did you mean headTimeout?',
    ],
    ['key: { dropQ: a }', '1:8 key.dropQ: there is nothing of that name; did you mean dropQuery?'],
    ['routes: [{ dropQuery: a }]', 'routes[0].dropQuery: there is nothing of that name; did you mean key.dropQuery?'],
    ['headTimeout: 5s', 'headTimeout: there is nothing of that name; did you mean limits.headTimeout?'],
    ['ttl: { force: true }', '1:1 ttl.lifetime: it is missing; write lifetime: and something like 5m'],
    [`${'a: {'.repeat(40)}${'}'.repeat(40)}`, ': it is nested too deeply; take 32 levels at most'],
  ])('refuses %j', (text, expected) => {
    expect(mistakes(text).join('\n')).toContain(expected);
  });

  it('tells what else is wrong where a name is there twice, of which the first counts', () => {
    const text = `origin: ${origin}\nroutes:\n  - ttl: 5m\n    ttl: 6m\nmemroy: 1gb\nlog: off\nlog: of\n`;
    expect(mistakes(text)).toEqual([
      '4:5 : this name is there already, in line 3; leave one of them out',
      '5:1 memroy: there is nothing of that name; did you mean memory?',
      '7:1 : this name is there already, in line 6; leave one of them out',
    ]);
    expect(() => read('log: off\nlog: json', { origin, log: 'off' })).toThrow(/^etagere\.yaml:2:1: this name /);
  });

  it.each([
    ['tlsCert: a.pem', '2:1 tlsCert: there is no key for it; name both: tlsCert: FILE, tlsKey: FILE'],
    ['tlsKey: a.pem', '2:1 tlsKey: there is no certificate for it; name both: tlsCert: FILE, tlsKey: FILE'],
    ['originKey: a', '2:1 originKey: there is no certificate for it; name both: originCert: FILE, originKey: FILE'],
    [
      'listen: https://[::1]:443',
      'there is no certificate for https://[::1]:443; name one: tlsCert: FILE, tlsKey: FILE',
    ],
    ['admin: 0.0.0.0:8081', 'set ETAGERE_ADMIN_TOKEN or adminTokenFile: FILE, or listen'],
    ['listen: 3000', 'name the server behind it, or listen elsewhere: listen: 8081'],
    ['admin: 3000', 'name the server behind Etagere, or move the admin API: admin: 8082'],
    ['admin: 8080', 'move one of them: admin: 8081'],
    [
      'origins: { api: { url: https://a.test, cert: a.pem } }',
      '2:40 origins.api.cert: there is no key for it; name both: cert: FILE, key: FILE',
    ],
  ])('tells what to write by the names of the file: %s', (text, mistake) => {
    expect(mistakes(`origin: ${origin}\n${text}`).join('\n')).toContain(mistake);
  });

  it('tells fifty mistakes at most, and that there are more', () => {
    expect(mistakes(`origin: ${origin}\n${unknownNames(50)}`)).toHaveLength(50);
    expect(mistakes(unknownNames(20_000))).toHaveLength(50);
    expect(() => read(unknownNames(20_000))).toThrow('etagere.yaml has more than 50 mistakes:');
  });

  it.each([
    ['a name that is there again', 'log: off\nlisten: 1\nlog: off', '3:1 : this name is there already, in line 1; '],
    ['a name that is no word', `"${'x'.repeat(257)}": 1`, '1:1 ["?"]: this is not a name; '],
    ['more than anybody writes', `listen: [${'1,'.repeat(50_000)}]`, ': it has more than 50000 values; '],
    ['more routes than are gone through', `routes: [${'{},'.repeat(1_001)}]`, '1:9 routes: there are 1001; write 1000'],
  ])('may not have %s', (_what, text, mistake) => {
    expect(mistakes(text).join('\n')).toContain(mistake);
  });

  it('is not said to have the mistakes of flags and variables', () => {
    expect(() => read(`origin: ${origin}\nadmin: 8081`, { admin: '0.0.0.0:8081' })).toThrow(
      /^admin, by a flag or variable: others may reach 0\.0\.0\.0:8081/,
    );
  });

  it('says nothing more about what hangs on a mistake', () => {
    const text = `origins: { api: 5s, shop: { urls: http://a } }\nroutes: [{ origin: api }, { origin: shop, match: }]`;
    expect(mistakes(text)).toEqual([
      '1:17 origins.api: "5s" has no scheme; write http://5s',
      '1:29 origins.shop.urls: there is nothing of that name; did you mean url?',
      '2:50 routes[1].match: it has no value; write one, or leave the name out',
    ]);
  });
});

describe('configText', () => {
  it('says why a file can not be read', () => {
    expect(() => configText(join(folder, 'none.yaml'))).toThrow(
      "none.yaml: it can't be read (there is none); name a file",
    );
    expect(() => configText(folder)).toThrow("it can't be read (it is a folder)");
  });

  it('does not read what is no configuration', () => {
    const path = join(folder, 'long.yaml');
    writeFileSync(path, ' '.repeat(2 ** 20 + 1));
    expect(() => configText(path)).toThrow('it is longer than 1mb; is it a configuration?');
  });
});
