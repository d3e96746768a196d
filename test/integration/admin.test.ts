import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpoints } from '../../src/admin/endpoints.ts';
import { faultOf, refTo } from '../../src/admin/schema.ts';
import { schemas } from '../../src/admin/vocabulary.ts';
import { createEtagere, type Etagere, type EtagereOptions } from '../../src/index.ts';

const json = { 'content-type': 'application/json' };

let origin: string;
let etagere: Etagere | undefined;
let closeOrigin: () => Promise<unknown>;

beforeEach(async () => {
  const server = createServer((request, response) => {
    const fields = { 'cache-control': 'max-age=60', 'surrogate-key': 'pages', etag: '"1"' };
    response.writeHead(200, request.url === '/cookie' ? { ...fields, 'set-cookie': 'a=b' } : fields).end('content');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closeOrigin = () => {
    server.closeAllConnections();
    server.close();
    return once(server, 'close');
  };
});

afterEach(async () => {
  await etagere?.close();
  await closeOrigin();
});

/** A cache before the origin, for clients and for operators, on free ports. */
async function start(options: Partial<EtagereOptions> = {}): Promise<{ client: string; admin: string }> {
  etagere = createEtagere({ origin, listen: 0, admin: 0, ...options });
  return { client: await etagere.listen(), admin: await etagere.listenAdmin() };
}

async function got(url: string, init: RequestInit = {}): Promise<string | null> {
  const response = await fetch(url, init);
  await response.text();
  return response.headers.get('cache-status');
}

describe('the admin API before a real cache', () => {
  it('answers as it is described, whatever is behind it', async () => {
    const { client, admin } = await start();
    for (const path of ['/a', '/a', '/cookie']) await got(`${client}${path}`);
    const queries: Readonly<Record<string, string>> = { '/v1/explain': `?url=${client}/a` };
    const asked = endpoints.filter(
      ({ method, answer }) => method === 'GET' && answer.contentType === 'application/json',
    );
    const answered: string[] = [];
    for (const { path, answer } of asked) {
      const response = await fetch(`${admin}${path}${queries[path] ?? ''}`);
      if (response.status === 501) continue;
      expect(faultOf(await response.json(), answer.schema, schemas), path).toBeUndefined();
      answered.push(path);
    }
    expect(answered).toEqual(expect.arrayContaining(['/v1/stats', '/v1/top', '/v1/entries', '/v1/explain', '/readyz']));
    expect(await (await fetch(`${admin}/metrics`)).text()).toContain(
      'etagere_requests_total{route="default",outcome="hit"} 1',
    );
  });

  it('counts, lists and explains what clients have asked for', async () => {
    const { client, admin } = await start();
    for (const path of ['/a', '/a', '/cookie']) await got(`${client}${path}`);
    expect(await (await fetch(`${admin}/v1/stats`)).json()).toMatchObject({ requests: 3, hits: 1, misses: 2 });
    expect(await (await fetch(`${admin}/v1/top?by=misses&limit=1`)).json()).toMatchObject({ rows: [{ misses: 1 }] });
    expect(await (await fetch(`${admin}/v1/entries`)).json()).toMatchObject({
      entries: [{ url: `${client}/a`, state: 'fresh', tags: ['pages'], validator: '"1"' }],
    });
    const explain = `${admin}/v1/explain?url=${client}/a`;
    expect(await (await fetch(explain)).json()).toMatchObject({ hit: true });
    const noCache = encodeURIComponent('Cache-Control: no-cache');
    expect(await (await fetch(`${explain}&header=${noCache}`)).json()).toMatchObject({
      hit: false,
      outcome: 'validate',
    });
  });

  it.each([
    ['url', (client: string) => ({ url: `${client}/a` })],
    ['prefix', (client: string) => ({ prefix: client })],
    ['host', (client: string) => ({ host: new URL(client).host })],
    ['tag', () => ({ tag: 'pages' })],
    ['all', () => ({ all: true })],
  ])('purges by %s, after a preview', async (_, selection) => {
    const { client, admin } = await start();
    await got(`${client}/a`);
    const order = (mode: object): RequestInit => ({
      method: 'POST',
      headers: json,
      body: JSON.stringify({ ...selection(client), ...mode }),
    });
    const preview: unknown = await (await fetch(`${admin}/v1/purge/preview`, order({}))).json();
    expect(preview).toEqual({ matched: 1, sample: [`${client}/a`] });
    expect(faultOf(preview, refTo('Preview'), schemas)).toBeUndefined();
    const receipt: unknown = await (await fetch(`${admin}/v1/purge`, order({}))).json();
    expect(receipt).toMatchObject({ matched: 1, stale: 1, removed: 0 });
    expect(faultOf(receipt, refTo('Receipt'), schemas)).toBeUndefined();
    expect(await got(`${client}/a`)).toMatch(/^etagere; fwd=stale; /);
    await fetch(`${admin}/v1/purge`, order({ mode: 'hard' }));
    expect(await got(`${client}/a`)).toBe('etagere; fwd=uri-miss; stored');
  });

  it('purges the entry that it has listed, and no other', async () => {
    const { client, admin } = await start();
    for (const path of ['/a', '/b']) await got(`${client}${path}`);
    const page = (await (await fetch(`${admin}/v1/entries?match=/a`)).json()) as { entries: { id: string }[] };
    const body = JSON.stringify({ entry: page.entries[0]?.id, mode: 'hard' });
    const receipt = await fetch(`${admin}/v1/purge`, { method: 'POST', headers: json, body });
    expect(await receipt.json()).toMatchObject({ matched: 1, removed: 1 });
    expect(await got(`${client}/a`)).toContain('fwd=uri-miss');
    expect(await got(`${client}/b`)).toContain('hit');
  });

  it('writes into the log what operators have purged, there and by PURGE', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'etagere-'));
    const logFile = join(folder, 'access.log');
    const { client, admin } = await start({ logFile, purgeFrom: ['127.0.0.1'] });
    await got(`${admin}/v1/purge`, { method: 'POST', headers: json, body: JSON.stringify({ tag: 'pages' }) });
    await got(`${client}/a`, { method: 'PURGE' });
    await etagere?.close();
    const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"admin"'));
    await rm(folder, { recursive: true });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', admin: 'purge', selection: { tag: 'pages' }, mode: 'soft', client: '127.0.0.1', matched: 0 },
      { level: 'info', admin: 'purge', selection: { url: `${client}/a` }, mode: 'soft', client: '127.0.0.1' },
    ]);
  });

  it('tells how many connections of clients are open, and not its own', async () => {
    const { client, admin } = await start();
    const connected = connect({ port: Number(new URL(client).port), host: '127.0.0.1' });
    connected.end('GET /a HTTP/1.1\r\nHost: a\r\n\r\n').resume();
    await once(connected, 'close');
    const open = connect({ port: Number(new URL(client).port), host: '127.0.0.1' });
    open.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(open, 'data');
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    open.destroy();
    expect(metrics).toContain('\netagere_client_connections 1\n');
  });

  it('shows requests as they end, to the end of the cache', async () => {
    const { client, admin } = await start();
    const tail = await fetch(`${admin}/v1/tail?filter=detail=set-cookie`);
    for (const path of ['/a', '/cookie']) await got(`${client}${path}`);
    await etagere?.close();
    const record: unknown = JSON.parse(await tail.text());
    expect(record).toMatchObject({ url: '/cookie', status: 200, detail: 'set-cookie' });
    expect(faultOf(record, refTo('TailRecord'), schemas)).toBeUndefined();
  });

  it.each([true, false])('lets those purge by method who may (fast lane: %s)', async (fastLane) => {
    const { client } = await start({ fastLane, purgeFrom: ['127.0.0.1'] });
    await got(`${client}/a`);
    const receipt = await fetch(`${client}/a`, { method: 'PURGE', headers: { 'purge-mode': 'hard' } });
    expect(await receipt.json()).toMatchObject({ matched: 1, removed: 1 });
    expect(await got(`${client}/a`)).toBe('etagere; fwd=uri-miss; stored');
    const forwarded = { method: 'PURGE', headers: { 'x-forwarded-for': '127.0.0.1' } };
    expect((await fetch(`${client}/a`, forwarded)).status).toBe(403);
  });
});
