import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminClient } from '../../../src/cli/admin-client.ts';
import type { Screen } from '../../../src/cli/live-output.ts';
import { run } from '../../../src/cli/run.ts';
import { objectNaming } from '../../../src/cli/shape.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import { createProxy, type Proxy } from '../../../src/main.ts';
import { aSnapshot } from '../admin/fake-parts.ts';
import { DeskTerminal, desk, type Served, served } from './desk-stage.ts';

const token = 'a-token-of-sixteen-and-more-characters';

let origin: Served;
let proxy: Proxy;
let url: string;
let admin: string;

beforeAll(async () => {
  origin = await served((request, response) => {
    if (request.url === '/cookie') response.setHeader('set-cookie', 'a=b');
    response.setHeader('cache-control', 'max-age=60').setHeader('cache-tag', 'news').end('from the origin');
  });
  proxy = createProxy(
    resolveSettings({ origin: origin.url, listen: 0, admin: '127.0.0.1:0', adminToken: token, log: 'off' }),
  );
  [url = ''] = await proxy.listen();
  admin = await proxy.listenAdmin();
});

afterAll(async () => {
  await proxy.close();
  await origin.close();
});

async function get(path: string): Promise<void> {
  await (await fetch(`${url}${path}`)).text();
}

/** What a command prints, which has to end well. */
async function printed(...args: readonly string[]): Promise<string> {
  const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token });
  expect(await desk(terminal, ...args, '--admin', admin)).toBe(0);
  expect(terminal.said).toEqual([]);
  return terminal.printed;
}

/** Asks for these again and again, until the tail is there and has written a line. */
async function untilWritten(terminal: DeskTerminal, ...urls: readonly string[]): Promise<void> {
  while (terminal.printed === '') {
    for (const one of urls) await (await fetch(one)).text();
  }
}

/** A tail whose reader leaves after the first line, which is about that path. */
async function tailed(path: string, ...args: readonly string[]): Promise<DeskTerminal> {
  const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token });
  terminal.onWritten(() => terminal.leave());
  const ended = desk(terminal, 'tail', ...args, '--admin', admin);
  await untilWritten(terminal, `${url}/other`, `${url}${path}`);
  expect(await ended).toBe(0);
  expect(terminal.said).toEqual([]);
  return terminal;
}

describe('etagere purge', () => {
  it('makes a URL stale, and says who acknowledged it', async () => {
    await get('/soft');
    expect(await printed('purge', `${url}/soft`)).toMatch(
      /^matched {7}1 stored response\nmade stale {4}1, validated before their next use\nremoved {7}0\nfills doomed {2}0\nacknowledged {2}by etagere-[0-9a-f]{6}, in force after [\d.]+ ms, done after [\d.]+ ms\n$/,
    );
  });

  it('removes with --hard, and has the receipt as JSON', async () => {
    await get('/hard');
    const receipt: unknown = JSON.parse(await printed('purge', '--prefix', `${url}/ha`, '--hard', '--json'));
    expect(receipt).toMatchObject({ matched: 1, stale: 0, removed: 1, fillsDoomed: 0 });
  });

  it('only says what would match with --dry-run', async () => {
    await get('/kept');
    const args = ['purge', '--prefix', `${url}/kept`] as const;
    const preview = `1 stored response would match; nothing was done\n  ${url}/kept\n`;
    expect(await printed(...args, '--dry-run')).toBe(preview);
    expect(await printed(...args, '--dry-run')).toBe(preview);
  });

  it.each([['--tag', 'news'], ['--all'], ['--host']])('purges by %s', async (...args) => {
    await get('/some');
    const said = args[0] === '--host' ? ['--host', new URL(url).host] : args;
    expect(await printed('purge', ...said, '--hard')).toMatch(/^matched {7}[1-9]\d* stored response/);
    expect(await printed('purge', ...said, '--hard')).toMatch(/^matched {7}0 stored responses\n/);
  });
});

describe('etagere purge of what is not there', () => {
  it('says what was most likely meant', async () => {
    const args = ['purge', `${url}/no*`] as const;
    const hint = 'hint          a * in a URL stands for itself: what begins alike is purged by prefix\n';
    expect(await printed(...args)).toContain(`\n${hint}`);
    expect(await printed(...args, '--dry-run')).toBe(`0 stored responses would match; nothing was done\n${hint}`);
    expect(await printed('purge', `${url}/no`)).not.toContain('hint');
  });

  it('ends with 1 where that is one entry', async () => {
    const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token });
    expect(await desk(terminal, 'purge', '--entry', '1-2', '--admin', admin)).toBe(1);
    expect(terminal.said.join()).toContain('ADMIN_ENTRY_UNKNOWN');
  });
});

describe('etagere purge by entry', () => {
  it('purges that one stored response', async () => {
    await get('/one');
    const headers = { authorization: `Bearer ${token}` };
    const found = (await (await fetch(`${admin}/v1/entries?match=/one`, { headers })).json()) as {
      readonly entries: readonly { readonly id: string }[];
    };
    const [{ id } = { id: '' }] = found.entries;
    expect(await printed('purge', '--entry', id, '--hard')).toMatch(/^matched {7}1 stored response\n/);
  });
});

describe('etagere stats', () => {
  it('prints the figures, and why misses missed', async () => {
    await get('/cookie');
    await get('/again');
    await get('/again');
    const text = await printed('stats');
    expect(text).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+, up .*\n\n {2}requests {8}\d+\n {2}hits {12}\d+ {2}[\d.]+ % of hits, collapsed and misses\n/,
    );
    expect(text).toMatch(/\n {2}memory {10}[\d.]+ \w+ of 256 MiB {2}/);
    expect(text).toMatch(/\nWhy misses missed, by Cache-Status\n(?: +\d+ +[\d.]+ % {2}\S.*\n)+$/);
    expect(text).toContain('%  fwd=uri-miss; detail=set-cookie\n');
    const counts = [...text.matchAll(/^ +(\d+) +[\d.]+ % {2}/gm)].map(([, many]) => Number(many));
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });

  it('tells of workers what each has done, who did not answer in time, how many have ended, and says one of what is one', async () => {
    const snapshot = { ...aSnapshot, originActive: 1 };
    const fake = await served((_, response) => response.end(JSON.stringify(snapshot)));
    try {
      const terminal = new DeskTerminal();
      expect(await desk(terminal, 'stats', '--admin', fake.url)).toBe(0);
      expect(terminal.printed).toMatch(/ {2}disk .*, 2 responses, 1 hit, 0 evicted, 0 failures, 0 damaged\n/);
      expect(terminal.printed).toContain('  1 request under way, 0 waiting\n');
      expect(terminal.printed).toContain(`
  workers         3, in the place of 1 that ended unasked
                  etagere-1f2e3d-1  3 requests in 1 min
                  etagere-1f2e3d-2  1 request in 1 s, as it told last: it did not answer in time
                  etagere-1f2e3d-3  has told nothing so far
`);
    } finally {
      await fake.close();
    }
  });

  it('has them as JSON', async () => {
    expect(JSON.parse(await printed('stats', '--json'))).toMatchObject({ refused: 0, memory: { evictions: 0 } });
  });
});

describe('etagere top', () => {
  it('prints a table once, with its URLs in one column', async () => {
    for (const path of ['/cookie', '/time']) await get(path);
    await (await fetch(`${url}/time`, { headers: { 'cache-control': '"' } })).text();
    const text = await printed('top', '--once', '--by', 'misses');
    expect(text).toMatch(/^[\d,]+ requests, .* by misses\n\n +requests +hits +misses +bytes {2}detail +url\n/);
    expect(text).toMatch(/\n +\d+ +0 % +\d+ +\d+ B {2}set-cookie {9}http:\/\/127\.0\.0\.1:\d+\/cookie\n/);
    expect(text).toMatch(/\n[^\n]+ B {2}request-malformed {2}http:\/\/127\.0\.0\.1:\d+\/time\n/);
  });

  it('prints its rows once as JSON', async () => {
    await get('/cookie');
    const { rows } = JSON.parse(await printed('top', '--once', '--json')) as { readonly rows: readonly object[] };
    expect(rows).toContainEqual(expect.objectContaining({ url: `${url}/cookie`, lastDetail: 'set-cookie' }));
  });

  it('draws on a screen until q, and gives it back', async () => {
    await get('/a-path-that-is-longer-than-the-screen-is-wide-by-far');
    const events: string[] = [];
    let press: ((key: string) => void) | undefined;
    const screen: Screen = {
      columns: 50,
      rows: 6,
      open(onKey) {
        events.push('opened');
        press = onKey;
        return () => void events.push('closed');
      },
    };
    const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token }, screen);
    terminal.onWritten(() => press?.('q'));
    expect(await desk(terminal, 'top', '--admin', admin)).toBe(0);
    expect(events).toEqual(['opened', 'closed']);
    expect(terminal.printed.startsWith('\u001B[H')).toBe(true);
    expect(terminal.printed.endsWith('\u001B[J')).toBe(true);
    const lines = terminal.printed.slice(3, -3).split('\r\n');
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(lines.at(-1)).toBe('q ends it\u001B[K');
    for (const line of lines) expect(line.length - '\u001B[K'.length).toBeLessThanOrEqual(50);
  });

  it('prints tables where there is no screen, until it is to stop', async () => {
    const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token });
    terminal.onWritten(() => terminal.stop());
    expect(await desk(terminal, 'top', '--admin', admin)).toBe(0);
    expect(terminal.printed).not.toContain('\u001B');
    expect(terminal.printed).toContain(' by requests\n');
  });
});

describe('etagere tail', () => {
  it('prints a line for each request that passes the filter, and ends when nobody reads', async () => {
    const { printed: text } = await tailed('/cookie', '--filter', 'detail=set-cookie', '--filter', 'url~/cook');
    expect(text).toMatch(
      /^\d\d:\d\d:\d\d 200 GET 127\.0\.0\.1:\d+\/cookie {2}fwd=uri-miss; detail=set-cookie {2}15 B {2}[\d.]+ ms\n$/,
    );
  });

  it('has them as JSON', async () => {
    const { printed: text } = await tailed('/cookie', '--json', '--filter', 'hit=false', '--filter', 'url~/cook');
    expect(JSON.parse(text)).toMatchObject({ method: 'GET', url: '/cookie', detail: 'set-cookie' });
  });

  it('tells what was lost, refused, broken, or found on a disk, and shows nothing that a terminal would obey', async () => {
    const records = [
      { time: '2026-11-22T21:17:08.507Z', status: 200, method: 'GET', url: '/', cache: 'etagere; hit', tier: 'disk' },
      {
        time: '2026-11-22T21:17:09.507Z',
        status: 0,
        method: 'GET',
        host: 'a',
        url: '/\u001B[2J\u009B\u202E',
        end: 'client-left',
        lost: 7,
      },
      {
        time: '2026-11-22T21:17:10.507Z',
        status: 400,
        client: '::1',
        error: 'REQUEST_HOST_INVALID',
        reason: 'no Host',
      },
    ];
    const fake = await served((_, response) => response.end(records.map((one) => `${JSON.stringify(one)}\n`).join('')));
    try {
      const terminal = new DeskTerminal();
      expect(await desk(terminal, 'tail', '--admin', fake.url)).toBe(0);
      expect(terminal.printed).toBe(
        '21:17:08 200 GET /  hit  from disk  0 B  0 ms\n21:17:09 --- GET a/\\u{1b}[2J\\u{9b}\\u{202e}    0 B  0 ms  client-left\n21:17:10 400 refused  REQUEST_HOST_INVALID: no Host\n',
      );
      expect(terminal.said).toEqual([
        'etagere: 7 requests before this one were lost, as this was read too slowly',
        `etagere: ${fake.url} has ended the tail: it is shutting down`,
      ]);
      const asJson = new DeskTerminal();
      expect(await desk(asJson, 'tail', '--json', '--admin', fake.url)).toBe(0);
      expect(asJson.printed).toContain('"/\\u001b[2J\\u009b\\u202e"');
      expect(
        asJson.printed
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual(records);
    } finally {
      await fake.close();
    }
  });

  it('ends with 1 where the connection breaks in the middle', async () => {
    const fake = await served((_, response) => {
      response.write('{"time":"2026-11-22T21:17:09.507Z","status":200}\n{"half', () => response.destroy());
    });
    try {
      const terminal = new DeskTerminal();
      expect(await desk(terminal, 'tail', '--json', '--admin', fake.url)).toBe(1);
      expect(terminal.said.join()).toContain(`--admin: ${fake.url} broke off in its answer`);
    } finally {
      await fake.close();
    }
  });

  it('ends well when Etagere shuts down', async () => {
    const other = createProxy(resolveSettings({ origin: origin.url, listen: 0, admin: '127.0.0.1:0', log: 'off' }));
    const [otherUrl = ''] = await other.listen();
    const terminal = new DeskTerminal();
    const ended = desk(terminal, 'tail', '--admin', await other.listenAdmin());
    await untilWritten(terminal, `${otherUrl}/a`);
    await other.close();
    expect(await ended).toBe(0);
    expect(terminal.said.join()).toMatch(/ has ended the tail: it is shutting down$/);
  });
});

describe('a command that asks the admin API', () => {
  it('says so where nobody answers, how to start one, and ends with 1', async () => {
    const closed = await served(() => undefined);
    await closed.close();
    const terminal = new DeskTerminal();
    expect(await desk(terminal, 'stats', '--admin', closed.url)).toBe(1);
    const address = new URL(closed.url).host;
    expect(terminal.said).toEqual([
      `etagere: --admin: ${closed.url} does not answer (ECONNREFUSED); is Etagere running there with --admin ${address}? If its admin API is elsewhere, say where: --admin URL`,
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ['it wants a token', {}],
    ['the token in ETAGERE_ADMIN_TOKEN is not its own', { ETAGERE_ADMIN_TOKEN: 'another-one-that-is-long-enough' }],
  ])('names the variable: %s', async (why, variables) => {
    const terminal = new DeskTerminal(variables);
    expect(await run(['stats', '--admin', admin], terminal)).toBe(2);
    expect(terminal.said).toEqual([`etagere: --admin: ${admin} answered 401: ${why}; give it as ETAGERE_ADMIN_TOKEN`]);
  });

  it.each([
    ['plain text', 'hello'],
    ['another object', '{"hello":1}'],
  ])('takes %s for what it is: no admin API', async (_, content) => {
    const fake = await served((__, response) => response.end(content));
    try {
      const terminal = new DeskTerminal();
      expect(await desk(terminal, 'stats', '--admin', fake.url)).toBe(1);
      expect(terminal.said.join()).toContain('as the admin API of this version would not');
    } finally {
      await fake.close();
    }
  });

  it('leaves no connection to the admin API when its signal is aborted', async () => {
    const fake = await served((_, response) => void response.write('{"status":200}\n'));
    try {
      const client = new AdminClient(fake.url, {});
      const end = new AbortController();
      const lines = client.lines<{ status: number }>(
        { path: '/v1/tail', signal: end.signal },
        objectNaming(['status']),
      );
      expect((await lines.next()).value).toEqual({ status: 200 });
      const aborted = once(end.signal, 'abort');
      end.abort();
      await aborted;
      expect((await lines.next()).done).toBe(true);
    } finally {
      await fake.close();
    }
  });

  it.each([
    [
      ['purge'],
      'nothing is named that could be purged; give it a URL, --prefix URL, --host HOST, --tag TAG, --entry ID or --all',
    ],
    [['purge', '--entry', '1-2', '--all'], 'there are both --entry and --all'],
    [['top', '--json'], '--json is for a table that is printed once; write --once --json'],
    [['purge', 'http://a', '--all'], 'there are both a URL and --all'],
    [['purge', 'a.test/b'], 'url: "a.test/b" has no scheme; write something like http://a.test/b'],
    [['purge', '--prefix', '/b'], '--prefix: "/b" has no scheme; write something like http://localhost:8080/a'],
    [['top', '--by', 'size'], '--by: there is no order by "size"; write requests, bytes or misses'],
    [['stats', '--memory', '1gb'], '--memory is not for stats; etagere stats --help shows what there is'],
    [['stats', '--admin', 'http://'], '--admin: "http://" is no URL; write the one that was printed at its start'],
    [['stats', '--admin', 'ftp://a'], '--admin: ftp:// is no way to ask it'],
    [['stats', '--admin', 'http://a:b@c'], '--admin: it holds credentials; give the token as ETAGERE_ADMIN_TOKEN'],
    [['stats', '--admin', 'http://a/b'], '--admin: "http://a/b" has more than a host and a port; write http://a'],
  ])('refuses %j with what to write', async (args, message) => {
    const terminal = new DeskTerminal();
    expect(await run(args, terminal)).toBe(2);
    expect(terminal.said.join()).toContain(`etagere: ${message}`);
  });

  it('shows what the API says of a mistake', async () => {
    const terminal = new DeskTerminal({ ETAGERE_ADMIN_TOKEN: token });
    expect(await run(['tail', '--filter', 'nope=1', '--admin', admin], terminal)).toBe(2);
    expect(terminal.said.join()).toMatch(/^etagere: filter "nope=1" asks for nope; there is time, method, /);
  });

  it.each([
    ['8081', 'http://127.0.0.1:8081'],
    [':9000', 'http://127.0.0.1:9000'],
    ['localhost:8081', 'http://localhost:8081'],
    ['[::1]:8081', 'http://[::1]:8081'],
    ['https://cache.internal', 'https://cache.internal'],
    [undefined, 'http://127.0.0.1:8081'],
  ])('understands --admin %s', (text, meant) => {
    // Where the server listens is not where it is asked.
    expect(new AdminClient(text, { ETAGERE_ADMIN: '0.0.0.0:1' }).url).toBe(meant);
  });

  it.each(['purge', 'stats', 'top', 'tail'])('has help with examples: %s', async (name) => {
    const terminal = new DeskTerminal();
    expect(await run([name, '--help'], terminal)).toBe(0);
    expect(terminal.printed).toContain(`\n  etagere ${name} `);
    expect(terminal.printed).toContain('ETAGERE_ADMIN_TOKEN');
  });
});
