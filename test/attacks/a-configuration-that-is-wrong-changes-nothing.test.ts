import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { recordingOrigin, type RecordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { TestTerminal } from '../unit/cli/test-terminal.ts';

const token = 'correct-horse-battery-staple';
const canary = 'canary-of-a-secret';

interface Running {
  readonly origin: RecordingOrigin;
  /** The URL for clients. */
  readonly url: string;
  readonly file: string;
  readonly terminal: TestTerminal;
  /** Has that file read anew, by the admin API; the status and what it says. */
  readonly reload: () => Promise<readonly [status: number, text: string]>;
  /** The settings in force, as the admin API shows them. */
  readonly config: () => Promise<string>;
}

/** The whole program with a configuration file, in this process; and a response under /a. */
async function running(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'etagere-config-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const origin = await recordingOrigin(() => responseWith('content', ['Cache-Control: max-age=600']));
  atEnd(() => origin.close());
  const file = join(folder, 'etagere.yaml');
  await writeFile(file, right(origin));
  const terminal = new TestTerminal({ TOKEN: token, KEY: canary });
  const ended = run(['--config', file], terminal);
  const [, url = ''] = await terminal.line(/^etagere listening on (http:\S+)/);
  const [, admin = ''] = await terminal.line(/^etagere admin on (http:\S+)/);
  atEnd(async () => {
    terminal.stop();
    expect(await ended).toBe(0);
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await (await fetch(`${url}/a`)).text();
  return {
    origin,
    url,
    file,
    terminal,
    reload: async () => {
      const response = await fetch(`${admin}/v1/reload`, { method: 'POST', headers });
      return [response.status, await response.text()];
    },
    config: async () => (await fetch(`${admin}/v1/config`, { headers })).text(),
  };
}

/** With a secret in each place for one. */
function right({ url }: Pick<RecordingOrigin, 'url'>): string {
  return [
    'listen: 127.0.0.1:0',
    'admin: 127.0.0.1:0',
    'adminToken: ${TOKEN}',
    'log: off',
    `origin: { url: '${url}', healthCheck: { path: '/?api_key=${canary}', interval: 1h } }`,
    'headers: { request: { set: { X-Plain: "${KEY}", X-Api-Key: other } } }',
    'purgeFrom: [192.0.2.1]',
    '',
  ].join('\n');
}

/** Whether clients are served as before: from the shelf, and by the old rules. */
async function expectAsBefore({ url, origin, config }: Running, before: string): Promise<void> {
  const seen = origin.seen.length;
  const response = await fetch(`${url}/a`);
  expect([response.status, await response.text()]).toEqual([200, 'content']);
  expect(response.headers.get('cache-status')).toContain('; hit');
  expect(origin.seen.length).toBe(seen);
  expect((await fetch(`${url}/a`, { method: 'PURGE' })).status).toBe(403);
  expect(await config()).toBe(before);
}

const wrong: readonly (readonly [what: string, text: (whole: string) => string | Buffer])[] = [
  ['nothing', () => ''],
  ['half of it', (whole) => whole.slice(0, whole.indexOf('healthCheck') + 5)],
  ['all of it but the last bracket', (whole) => whole.slice(0, whole.lastIndexOf(']'))],
  ['only its first line', (whole) => whole.slice(0, whole.indexOf('\n'))],
  ['zeros, as after a loss of power', (whole) => Buffer.alloc(whole.length)],
  ['bytes of something else', () => Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0xff, 0xfe, 0x80])],
  ['a page of HTML', () => '<!doctype html>\n<title>502</title>\n<p>Bad gateway: the proxy could not'],
  ['a name that there is not', (whole) => `${whole}purgFrom: [0.0.0.0/0]\n`],
  ['a name twice', (whole) => `${whole}purgeFrom: [0.0.0.0/0]\n`],
  ['a name that JavaScript knows', (whole) => `${whole}__proto__: { purgeFrom: [0.0.0.0/0] }\n`],
  ['another such name', (whole) => `${whole}constructor: { prototype: { purgeFrom: [0.0.0.0/0] } }\n`],
  ['text that multiplies', (whole) => `${whole}a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nroutes: [*c, *c]\n`],
  ['a type of its own', (whole) => `${whole}routes: !!js/function "function () { process.exit() }"\n`],
  ['ten thousand brackets', (whole) => `${whole}routes: ${'['.repeat(10_000)}\n`],
  ['names without end', (whole) => whole + Array.from({ length: 51_000 }, (_, n) => `n${n}: 1\n`).join('')],
  ['more than a megabyte', (whole) => `${whole}#${'x'.repeat(2 ** 20)}\n`],
  ['several documents', (whole) => `${whole}---\n${whole}`],
  ['a pattern that takes long elsewhere', (whole) => `${whole}routes: [{ match: { path: ${'*a'.repeat(10_000)} } }]\n`],
  ['a variable that is not set', (whole) => whole.replace('TOKEN', 'NO_TOKEN')],
  [
    'no token where others can reach',
    (whole) =>
      whole
        .replace('adminToken: ${TOKEN}', '')
        .replace('127.0.0.1:0\nlog', '0.0.0.0:0\nlog')
        .replace('admin: 127.0.0.1:0', 'admin: 0.0.0.0:0'),
  ],
];

test.each(wrong)('with %s in it', async (_, textOf) => {
  const all = await running();
  const before = await all.config();
  await writeFile(all.file, textOf(right(all.origin)));
  expect(await all.reload()).toEqual([422, expect.stringContaining('CONFIGURATION_REFUSED')]);
  all.terminal.hangUp();
  expect(all.terminal.said.at(-1)).toBe('etagere: nothing was changed');
  await expectAsBefore(all, before);
  // What is right is taken afterwards: the refused one has left nothing behind.
  await writeFile(all.file, right(all.origin).replace('192.0.2.1', '127.0.0.1'));
  expect(await all.reload()).toEqual([200, expect.stringContaining('"changed":["purgeFrom"]')]);
});

test('where it is gone, or a folder is in its place', async () => {
  const all = await running();
  const before = await all.config();
  await rm(all.file);
  expect((await all.reload())[0]).toBe(422);
  await mkdir(all.file);
  expect((await all.reload())[0]).toBe(422);
  await expectAsBefore(all, before);
});

test.each<readonly [what: string, edit: (whole: string) => string]>([
  ['a token with a space', (whole) => whole.replace('${TOKEN}', `"${canary} ${canary}"`)],
  ['a token that is too short', (whole) => whole.replace('${TOKEN}', canary.slice(0, 9))],
  ['a token that is a list', (whole) => whole.replace('${TOKEN}', `[${canary}]`)],
  ['a token whose quote does not end', (whole) => whole.replace('${TOKEN}', `"${canary}`)],
  ['a token under a name that there is not', (whole) => whole.replace('adminToken: ${TOKEN}', `adminTokn: ${canary}`)],
  ['a password in the URL of the origin', (whole) => whole.replace('http://', `http://me:${canary}@`)],
  ['a password in the URL of a Redis', (whole) => `${whole}store: redis://me:${canary}@127.0.0.1:port\n`],
  [
    'a field that is not to be edited',
    (whole) => whole.replace('X-Api-Key: other', `Authorization: "Bearer ${canary}"`),
  ],
  ['a field with a line end', (whole) => whole.replace('other', `"${canary}\\n"`)],
  ['the path of a health check', (whole) => whole.replace('/?api_key=', 'no-path?api_key=')],
])('and no answer shows the secret that is wrong: %s', async (_, edit) => {
  const all = await running();
  const before = await all.config();
  expect(before).toContain('[redacted]');
  expect([before.includes(canary), before.includes(token)]).toEqual([false, false]);
  await writeFile(all.file, edit(right(all.origin)));
  const [status, text] = await all.reload();
  all.terminal.hangUp();
  expect(status).toBe(422);
  expect([text, ...all.terminal.said].filter((each) => each.includes(canary.slice(0, 9)))).toEqual([]);
  await expectAsBefore(all, before);
});
