import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { platform } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { keepAliveTimers } from '../keep-alive-timers.ts';
import { FakeParts } from './fake-parts.ts';
import { ask, posted, respond, startAdmin } from './stage.ts';

const token = 'correct-horse-battery';

/** What is sent over a connection of its own, and all that comes back. */
async function exchange(port: number, ...bytes: readonly string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  for (const piece of bytes) socket.write(piece);
  return text(socket);
}

/** So many connections, on which nothing is said. */
async function connected(port: number, many: number): Promise<Socket[]> {
  const sockets = Array.from({ length: many }, () => connect({ host: '127.0.0.1', port }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

const probe = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Has a request answered over that connection. */
async function probed(socket: Socket): Promise<void> {
  socket.write(probe);
  await once(socket, 'data');
}

/** A purge of everything that is so long. */
function filled(bytes: number): string {
  return `{"all":true${' '.repeat(bytes - 12)}}`;
}

interface Attempt {
  readonly held?: string;
  readonly sent?: string;
  readonly host?: string;
  readonly origin?: string;
  readonly site?: string;
  readonly type?: string;
  readonly outcome: number;
}

const attempts: readonly Attempt[] = [
  // Who may.
  { outcome: 200 },
  { held: token, sent: token, outcome: 200 },
  { held: token, sent: token, host: 'cache.example', outcome: 200 },
  { host: 'localhost:9', type: 'application/json; charset=utf-8', outcome: 200 },
  { site: 'same-origin', origin: 'http://localhost', host: 'localhost', outcome: 200 },
  {
    held: token,
    sent: token,
    site: 'same-origin',
    origin: 'https://cache.example',
    host: 'cache.example',
    outcome: 200,
  },
  // The token.
  { held: token, outcome: 401 },
  { held: token, sent: 'correct-horse-batterz', outcome: 401 },
  { held: token, sent: '', outcome: 401 },
  // The name.
  { host: 'evil.example', outcome: 403 },
  { sent: token, host: 'evil.example', outcome: 403 },
  // The site.
  { site: 'cross-site', outcome: 403 },
  { site: 'same-site', outcome: 403 },
  { origin: 'http://evil.example', outcome: 403 },
  { origin: 'null', outcome: 403 },
  { held: token, sent: token, site: 'cross-site', outcome: 403 },
  { held: token, sent: token, origin: 'http://evil.example', outcome: 403 },
  // After DNS rebinding everything fits, but for the name.
  { site: 'same-origin', origin: 'http://evil.example', host: 'evil.example', outcome: 403 },
  // The type: what a form can send.
  { type: '', outcome: 415 },
  { type: 'text/plain', outcome: 415 },
  { type: 'application/x-www-form-urlencoded', outcome: 415 },
  { type: 'multipart/form-data', outcome: 415 },
  { type: 'application/jsonp', outcome: 415 },
  { held: token, sent: token, type: 'text/plain', outcome: 415 },
];

describe('the admin listener', () => {
  it.each(attempts)('has a purge come to nothing but a 200: %j', async (attempt) => {
    const { held, sent, host, origin, site, type = 'application/json', outcome } = attempt;
    const parts = new FakeParts();
    const { port } = await startAdmin(parts, held);
    const headers = {
      ...(sent === undefined ? {} : { authorization: `Bearer ${sent}` }),
      ...(host === undefined ? {} : { host }),
      ...(origin === undefined ? {} : { origin }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
      ...(type === '' ? {} : { 'content-type': type }),
    };
    const got = await ask(port, '/v1/purge', { method: 'POST', headers, body: '{"all":true}' });
    expect(got.status).toBe(outcome);
    expect(parts.operations.purges.length).toBe(outcome === 200 ? 1 : 0);
    expect(Object.keys(got.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers probes whoever asks', async () => {
    const { port } = await startAdmin(new FakeParts(), token);
    const headers = { host: '10.0.0.7:8081', origin: 'http://evil.example' };
    expect((await ask(port, '/healthz', { headers })).json).toEqual({ alive: true });
    expect((await ask(port, '/readyz', { headers })).json).toEqual({ ready: true });
  });

  it.each([
    ['GET', '/v1/purge', 'POST'],
    ['POST', '/v1/stats', 'GET, HEAD'],
    ['OPTIONS', '/v1/stats', 'GET, HEAD'],
    ['DELETE', '/healthz', 'GET, HEAD'],
  ])('has no %s %s, and says what there is', async (method, path, allow) => {
    const { port } = await startAdmin();
    const got = await ask(port, path, { method });
    expect(got).toMatchObject({
      status: 405,
      json: { code: 'ADMIN_METHOD_REFUSED', detail: `there is ${allow} here` },
    });
    expect(got.headers.allow).toBe(allow);
  });

  it.each([
    ['/v1/stat', 'did you mean /v1/stats?'],
    ['/v1/stats/', 'did you mean /v1/stats?'],
    ['/V1/Purge', 'did you mean /v1/purge?'],
    ['/somewhere/else', 'GET /openapi.json has all paths'],
  ])('has nothing at %s, and says what is near', async (path, detail) => {
    const { port } = await startAdmin();
    expect(await ask(port, path)).toMatchObject({ status: 404, json: { code: 'ADMIN_PATH_UNKNOWN', detail } });
  });

  it('answers HEAD like GET, without the content', async () => {
    const { port } = await startAdmin();
    const [head, get] = [await ask(port, '/v1/stats', { method: 'HEAD' }), await ask(port, '/v1/stats')];
    expect(head.content).toBe('');
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it('takes 64 KiB of content and no more, announced or not', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    expect((await ask(port, '/v1/purge', posted(filled(65_536)))).status).toBe(200);
    expect(await ask(port, '/v1/purge', posted(filled(65_537)))).toMatchObject({
      status: 413,
      json: { code: 'REQUEST_CONTENT_TOO_LARGE' },
    });
    const head =
      'POST /v1/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const received = await exchange(port, head, `10001\r\n${filled(65_537)}\r\n0\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(parts.operations.purges.length).toBe(1);
  });

  it('refuses content that is coded, which could be larger than it looks', async () => {
    const { port } = await startAdmin();
    const got = await ask(port, '/v1/purge', posted({ all: true }, { 'content-encoding': 'gzip' }));
    expect(got).toMatchObject({ status: 415, json: { code: 'ADMIN_CONTENT_TYPE' } });
  });

  it('purges nothing for content that breaks off', async () => {
    const parts = new FakeParts();
    const { port } = await startAdmin(parts);
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(
      'POST /v1/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"all":true}',
    );
    socket.end();
    await text(socket).catch(() => '');
    expect((await ask(port, '/healthz')).status).toBe(200);
    expect(parts.operations.purges).toEqual([]);
  });

  it.each([
    'GET /v1/stats HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n',
    'GET /v1/stats HTTP/1.1\r\n\r\n',
    'POST /v1/purge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])('lets nothing in that the gate of the clients would not: %j', async (bytes) => {
    const { port } = await startAdmin();
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('has a head of 16 KiB at most', async () => {
    const { port } = await startAdmin();
    const lines = `X: ${'a'.repeat(6_000)}\r\n`.repeat(3);
    const received = await exchange(port, `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`);
    expect(received).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('answers 429 with Retry-After to who guesses tokens, and warns', async () => {
    const { port, warnings } = await startAdmin(new FakeParts(), token);
    const headers = { authorization: 'Bearer nonsense' };
    for (let i = 0; i < 10; i++) expect((await ask(port, '/v1/stats', { headers })).status).toBe(401);
    const held = await ask(port, '/v1/stats', { headers });
    expect(held).toMatchObject({ status: 429, json: { code: 'ADMIN_TOKEN_TRIES' } });
    expect(held.headers['retry-after']).toBe('1');
    expect((await ask(port, '/v1/stats', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    expect(warnings).toEqual(['the admin API got a wrong token from 127.0.0.1']);
  });

  it('does not say what there is to who has no token', async () => {
    const { port } = await startAdmin(new FakeParts(), token);
    for (const path of ['/v1/nothing', '/v1/stats', '/openapi.json']) expect((await ask(port, path)).status).toBe(401);
    expect((await ask(port, '/v1/stats', { method: 'DELETE' })).status).toBe(401);
  });

  it('gives the place of the connection that has been between requests the longest to who comes when all are taken', async () => {
    const { port } = await startAdmin();
    const sockets = await connected(port, 64);
    const [, first, second] = sockets as [Socket, Socket, Socket];
    await probed(first);
    await probed(second);
    const closed = once(first, 'close');
    expect((await ask(port, '/healthz')).status).toBe(200);
    await closed;
    expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([first]);
    for (const socket of sockets) socket.destroy();
  });

  it('ends no connection with half a request on it while there are some between requests', async () => {
    const { port } = await startAdmin();
    const sockets = await connected(port, 64);
    const [begun, ...others] = sockets as [Socket, ...Socket[]];
    await probed(begun);
    begun.write(probe.slice(0, 20));
    for (const socket of others) await probed(socket);
    expect((await ask(port, '/healthz')).status).toBe(200);
    begun.write(probe.slice(20));
    const [answer] = (await once(begun, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of sockets) socket.destroy();
  });

  it('gives the place of the first that came where none has sent a request', async () => {
    const { port } = await startAdmin();
    const sockets = await connected(port, 64);
    const [first, second] = sockets as [Socket, Socket];
    first.write(probe.slice(0, 20));
    const closed = once(first, 'close');
    expect((await ask(port, '/healthz')).status).toBe(200);
    await closed;
    expect(second.destroyed).toBe(false);
    for (const socket of sockets) socket.destroy();
  });

  it('ends no connection on which something is under way: who comes beyond it is closed', async () => {
    const { port } = await startAdmin();
    const sockets = await connected(port, 64);
    const head =
      'POST /v1/purge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n';
    for (const socket of sockets) socket.write(head);
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    await expect(ask(port, '/healthz')).rejects.toThrow('socket hang up');
    const [socket] = sockets as [Socket];
    socket.write('{"all":true}');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    for (const each of sockets) each.destroy();
  });

  it.runIf(platform() === 'linux')('has the system ask whether a silent client is still there', async () => {
    const { port } = await startAdmin();
    await respond(port, '/v1/tail');
    expect(keepAliveTimers(port, 'at')).toEqual([true]);
  });

  it('ends with its streams complete, and answers nobody any more', async () => {
    const { port, desk, listener } = await startAdmin();
    const response = await respond(port, '/v1/tail');
    desk.close();
    await Promise.all([listener.close(), text(response)]);
    expect(response.complete).toBe(true);
    await expect(ask(port, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });
});
