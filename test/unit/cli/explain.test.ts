import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainReport } from '../../../src/cli/explain-report.ts';
import { run } from '../../../src/cli/run.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import { createProxy, type Proxy } from '../../../src/main.ts';

interface Ended {
  readonly code: number;
  readonly printed: string;
  readonly said: string[];
}

async function etagere(args: readonly string[], variables: Record<string, string> = {}): Promise<Ended> {
  let printed = '';
  const said: string[] = [];
  const code = await run(args, {
    variables,
    nodeVersion: 'v24.0.0',
    print: (text) => {
      printed += text;
    },
    say: (line) => void said.push(line),
    show() {},
    machineBytes: 2 ** 40,
    onStop() {},
    onHangup() {},
    onRestart() {},
    exitNow() {},
  });
  // The clock is that of the machine, which may be slow.
  return { code, printed: printed.replaceAll(/ttl=\d+/g, 'ttl=…'), said };
}

async function report(...args: readonly string[]): Promise<ExplainReport> {
  return JSON.parse((await etagere(['explain', ...args, '--json'])).printed) as ExplainReport;
}

/** What the origin answers at each path, beside a Date. */
const pages: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/fresh': (_, response) => response.setHeader('cache-control', 'max-age=60').setHeader('etag', '"v1"').end('fresh'),
  '/site.css': (_, response) =>
    response
      .setHeader('cache-control', 'max-age=60')
      .setHeader('etag', '"v1"')
      .setHeader('set-cookie', 'id=secret; Path=/')
      .end('css'),
  '/agents': (_, response) =>
    response.setHeader('cache-control', 'max-age=60').setHeader('etag', '"v1"').setHeader('vary', 'User-Agent').end(),
  '/coded': (_, response) =>
    response.setHeader('cache-control', 'max-age=60').setHeader('vary', 'Accept-Encoding').end(),
  '/silent': (_, response) => response.end('nothing said'),
  '/language': (request, response) =>
    response
      .setHeader('cache-control', request.headers['accept-language'] === 'de' ? 'private' : 'max-age=60')
      .setHeader('etag', '"v1"')
      .end(),
  '/endless': (_, response) => {
    const chunk = Buffer.alloc(2 ** 20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.setHeader('cache-control', 'no-store').on('drain', more);
    more();
  },
  '/host': (request, response) => response.setHeader('cache-control', 'max-age=60').end(request.headers.host),
};

let origin: Server;
let url: string;
const asked: string[] = [];

beforeAll(async () => {
  origin = createServer((request, response) => {
    asked.push(request.url ?? '');
    pages[request.url ?? '']?.(request, response);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
});

afterAll(async () => {
  origin.closeAllConnections();
  origin.close();
  await once(origin, 'close');
});

describe('etagere explain, asked of an origin', () => {
  it('ends with 0 and says so where the second request is a hit', async () => {
    asked.length = 0;
    const { code, printed, said } = await etagere(['explain', `${url}/fresh`]);
    expect(code).toBe(0);
    expect(said).toEqual([]);
    expect(printed).toContain('\nThe same again  etagere; hit; ttl=…\n');
    expect(printed).toMatch(/\nA request like this is a hit\.\n$/);
    expect(printed).not.toContain('What would make it a hit');
    expect(printed).not.toContain('\u001B');
    // For the first request, and once without the cache, to compare validators.
    expect(asked).toEqual(['/fresh', '/fresh']);
  });

  it('ends with 1 and says what to change where it is not', async () => {
    const { code, printed } = await etagere(['explain', `${url}/site.css`]);
    expect(code).toBe(1);
    expect(printed).toContain('etagere; fwd=uri-miss; detail=set-cookie');
    expect(printed).toContain('it sets a cookie, and was not said to be for all (RFC 9111 §7.3)');
    expect(printed).toContain('  at the origin:\n    - Set-Cookie: id=…; Path=/\n  then etagere; hit; ttl=….');
    expect(printed).toContain('    - Cache-Control: max-age=60\n    + Cache-Control: public, max-age=60\n');
    expect(printed).toContain('error set-cookie-on-asset (RFC 9111 §7.3)');
    expect(printed).not.toContain('secret');
  });

  it('foretells what the engine then does', async () => {
    for (const path of ['/fresh', '/site.css', '/agents', '/silent']) {
      const { requests } = await report(`${url}${path}`);
      for (const { answered, explanation } of requests) expect(answered?.cacheStatus).toBe(explanation.cacheStatus);
    }
  });

  it('tries other values in the fields that Vary names', async () => {
    const { hit, requests, findings } = await report(`${url}/agents`);
    expect(hit).toBe(true);
    expect(requests.map(({ which, explanation }) => [which, explanation.hit])).toEqual([
      ['first', false],
      ['second', true],
      ['varied', false],
    ]);
    expect(requests[2]?.explanation.advice[0]?.changes).toEqual([
      { at: 'origin', what: 'Vary', before: 'User-Agent', after: null },
    ]);
    expect(findings.map(({ code }) => code)).toEqual(['vary-explodes']);
    expect((await etagere(['explain', `${url}/agents`])).printed).toContain(
      'A request like this is a hit; one with another User-Agent is not.\n',
    );
  });

  it('has what the origin sent, and a shape for machines', async () => {
    const told = await report(`${url}/site.css`);
    expect(told).toMatchObject({ url: `${url}/site.css`, asked: { origin: url }, hit: false });
    expect(told.response?.status).toBe(200);
    expect(told.response?.fields).toContainEqual(['set-cookie', 'id=…; Path=/']);
  });

  it('takes request fields, a method, another origin and the flags of a cache', async () => {
    expect(await report(`${url}/language`, '-H', 'Accept-Language: de')).toMatchObject({ hit: false });
    expect(await report(`${url}/language`, '-H', 'Accept-Language: fr')).toMatchObject({ hit: true });
    const head = await report(`${url}/fresh`, '--method', 'HEAD');
    expect(head.requests[0]?.explanation.details[0]?.code).toBe('method');
    expect(await report(`${url}/silent`)).toMatchObject({ hit: false });
    expect(await report(`${url}/silent`, '--default-ttl', '5s')).toMatchObject({ hit: true });
    const named = await report(`${url}/host`, '-H', 'Host: shop.test');
    expect(named.requests[0]?.explanation.key.authority).toBe('shop.test');
    const elsewhere = await report('http://shop.test/host', '--origin', url);
    expect(elsewhere).toMatchObject({ asked: { origin: url }, hit: true });
    expect(elsewhere.requests[0]?.explanation.key.authority).toBe('shop.test');
  });

  it('ends with 1 and says why where an error is in the response, if it is to be strict', async () => {
    const lenient = await etagere(['explain', `${url}/agents`]);
    expect(lenient).toMatchObject({ code: 0, said: [] });
    const strict = await etagere(['explain', `${url}/agents`, '--strict']);
    expect(strict).toMatchObject({ code: 1, printed: expect.stringContaining('error vary-explodes') as string });
    expect(strict.said).toEqual(['etagere: --strict: there is an error in the response: vary-explodes']);
    expect(await etagere(['explain', `${url}/fresh`, '--strict'])).toMatchObject({ code: 0, said: [] });
  });

  it('takes the settings of a cache from variables, too', async () => {
    const { code } = await etagere(['explain', `${url}/silent`], { ETAGERE_DEFAULT_TTL: '5s' });
    expect(code).toBe(0);
  });

  it('gives up an answer without an end, and asks no further', async () => {
    asked.length = 0;
    const told = await report(`${url}/endless`);
    expect(told).toMatchObject({ hit: false, response: { status: 200 } });
    expect(told.requests.map(({ answered }) => answered?.endless)).toEqual(['256 MiB']);
    expect(asked).toEqual(['/endless']);
  });

  it('shows every rule with --rules', async () => {
    const short = (await etagere(['explain', `${url}/fresh`])).printed;
    const long = (await etagere(['explain', `${url}/fresh`, '--rules'])).printed;
    expect(short).not.toContain('did not apply: ');
    expect(long).toContain('did not apply: the request wants validation (RFC 9111 §5.2.1.4)');
  });

  it('ends with 1 where the origin does not answer', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const { code, printed } = await etagere(['explain', `http://127.0.0.1:${port}/`]);
    expect(code).toBe(1);
    const why = 'nothing listens at its address and port (ORIGIN_REFUSED). docs/errors.md says what to do.';
    expect(printed.replaceAll(/\s+/g, ' ')).toContain(`There was no answer of the origin: ${why}`);
    const told = await report(`http://127.0.0.1:${port}/`);
    expect(told.requests.map(({ answered }) => answered)).toMatchObject([
      { error: 'ORIGIN_REFUSED', errorDetail: 'nothing listens at its address and port' },
    ]);
  });
});

describe('etagere explain, asked of a cache that runs', () => {
  const token = 'a-token-of-sixteen-and-more-characters';
  let proxy: Proxy;
  let cacheUrl: string;
  let admin: string;
  beforeAll(async () => {
    const options = { origin: url, listen: 0, admin: '127.0.0.1:0', adminToken: token, log: 'off' } as const;
    proxy = createProxy(resolveSettings(options));
    [cacheUrl = ''] = await proxy.listen();
    admin = await proxy.listenAdmin();
  });
  afterAll(() => proxy.close());

  it('tells what it would do, and why it has not stored the last answer, without asking anybody', async () => {
    await fetch(`${cacheUrl}/fresh`);
    await fetch(`${cacheUrl}/site.css`);
    asked.length = 0;
    const variables = { ETAGERE_ADMIN_TOKEN: token };
    const hit = await etagere(['explain', `${cacheUrl}/fresh`, '--admin', admin], variables);
    expect(hit.said).toEqual([]);
    expect(hit).toMatchObject({ code: 0 });
    expect(hit.printed).toContain('The next request  etagere; hit; ttl=…');
    const miss = await etagere(['explain', `${cacheUrl}/site.css`, '--admin', admin], variables);
    expect(miss).toMatchObject({ code: 1 });
    expect(miss.printed).toContain('The next request  etagere; fwd=uri-miss; detail=set-cookie');
    expect(miss.printed).toContain('+ Cache-Control: public, max-age=60');
    expect(asked).toEqual([]);
  });

  it('asks with the fields that most clients send, unless told otherwise', async () => {
    const variables = { ETAGERE_ADMIN_TOKEN: token };
    await fetch(`${cacheUrl}/coded`, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(await etagere(['explain', `${cacheUrl}/coded`, '--admin', admin], variables)).toMatchObject({ code: 0 });
    const without = ['explain', `${cacheUrl}/coded`, '--admin', admin, '-H', 'Accept-Encoding:'];
    const miss = await etagere(without, variables);
    expect(miss).toMatchObject({ code: 1 });
    expect(miss.printed).toContain('Accept-Encoding: (not there)');
    expect(miss.printed).toContain("  ask     with -H 'Accept-Encoding: br,deflate,gzip' for what is stored\n");
  });

  it('says what to do where the token is missing', async () => {
    const { code, said } = await etagere(['explain', `${cacheUrl}/fresh`, '--admin', admin]);
    expect(code).toBe(2);
    expect(said).toEqual([`etagere: --admin: ${admin} answered 401: it wants a token; give it as ETAGERE_ADMIN_TOKEN`]);
  });

  it('says what the admin API says of a request that it refuses', async () => {
    const args = ['explain', `${cacheUrl}/fresh`, '--admin', admin, '-H', 'X_Forwarded_For: a'];
    const { code, said } = await etagere(args, { ETAGERE_ADMIN_TOKEN: token });
    expect(code).toBe(2);
    expect(said[0]).toMatch(/such a request would be refused: REQUEST_FIELD_INVALID/);
  });

  it('says so where nobody answers', async () => {
    const { code, said } = await etagere(['explain', 'http://a.test/', '--admin', '127.0.0.1:1']);
    expect(code).toBe(1);
    expect(said[0]).toMatch(
      /^etagere: --admin: http:\/\/127\.0\.0\.1:1 does not answer \(.*\); is Etagere running there/,
    );
  });
});

describe('etagere explain with a mistake', () => {
  it.each([
    [['localhost:3000/a'], 'url: "localhost:3000/a" has no scheme; write something like http://localhost:3000/a'],
    [['a b'], 'url: "a b" has no scheme; write something like http://localhost:3000/a'],
    [['http://a:b'], 'url: "http://a:b" is no URL; write something like http://localhost:3000/a'],
    [['http://a:b@c/'], "url: it holds credentials; send them as -H 'Authorization: …'"],
    [['http://a/', '-H', 'x'], `-H: "x" is no header line; write something like -H 'Accept-Language: de'`],
    [
      ['http://a/', '--method', 'DELETE'],
      '--method: "DELETE" is not asked with, as that may change something or need content; write GET or HEAD',
    ],
    [
      ['http://a/', '--admin', 'http://b', '--method', 'QUERY'],
      '--method: "QUERY" is not asked with, as that may change something or need content; write GET or HEAD',
    ],
    [['http://a/', '--origin', 'b'], '--origin: "b" has no scheme; write http://b'],
    [['http://a/', '--listen', '80'], '--listen is not for explain; etagere explain --help shows what there is'],
    [['http://a/', '--preset', 'x'], '--preset: "x" is not one of the choices; write safe or rfc'],
    [
      ['http://a/', '--admin', 'http://b', '--preset', 'rfc'],
      '--preset is for asking an origin, and --admin asks a cache that runs as it is configured; leave out one of them',
    ],
    [
      ['http://a/', '--admin', 'http://'],
      '--admin: "http://" is no URL; write the one that was printed at its start, like http://127.0.0.1:8081',
    ],
    [
      ['http://a/', '-H', 'Transfer-Encoding: x', '-H', 'Content-Length: 1'],
      expect.stringMatching(/^a cache refuses this request: .*; docs\/errors\.md has what to ask instead$/) as string,
    ],
  ])('%j ends with 2 and says what to write', async (args, message) => {
    const { code, said } = await etagere(['explain', ...args]);
    expect(code).toBe(2);
    expect(said.map((line) => line.replace(/^etagere: /, ''))).toEqual([message]);
  });
});
