import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { atEnd, overBothLanes } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { tlsStage } from '../harness/tls-stage.ts';

/** All that comes until the connection is closed. */
async function received(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

overBothLanes(() => {
  it('closes one on which no handshake comes, when a head would have had to be there', async () => {
    const stage = await tlsStage(() => responseWith('a'), { limits: { clientHeadTimeoutMs: 100 } });
    const silent = stage.client();
    await silent.closed;
    expect(silent.received).toBe('');
  });

  it('closes one whose client leaves within the handshake, at once', async () => {
    const stage = await tlsStage(() => responseWith('a'), {
      limits: { clientHeadTimeoutMs: 600_000, clientConnections: 1 },
    });
    const leaving = stage.client();
    leaving.socket.end('\u0016\u0003\u0001', 'latin1');
    await leaving.closed;
    const next = await stage.secure(['http/1.1']);
    next.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await received(next)).toContain('200 OK');
  });

  it.each([
    ['no handshake', '\u0016\u0003\u0001\u0000\u0005hello'],
    ['something else', '\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007'],
  ])('has no request of whoever sends %s', async (_, bytes) => {
    const stage = await tlsStage(() => responseWith('a'));
    const client = stage.client();
    client.send(bytes);
    await client.closed;
    expect(client.received).not.toContain('HTTP/1');
    expect(stage.origin.connections).toEqual([]);
  });

  it.each([
    ['a GET', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a method that nobody knows', 'brew / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an empty line before it', '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a part of a head', 'G'],
    ['more than one request', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n'],
  ])('says to whoever speaks plain HTTP that it is for https: %s', async (_, bytes) => {
    const stage = await tlsStage(() => responseWith('a'));
    const client = stage.client();
    client.send(bytes);
    await client.until((answer) => answer.endsWith('}'));
    client.socket.end();
    await client.closed;
    const { messages, rest, fault } = readResponses(client.received, ['GET'], true);
    const fields = new Map(messages[0]?.fields);
    expect([messages.map(({ startLine }) => startLine), rest, fault]).toEqual([
      ['HTTP/1.1 400 Bad Request'],
      '',
      undefined,
    ]);
    expect(JSON.parse(messages[0]?.content ?? '')).toMatchObject({
      status: 400,
      code: 'REQUEST_NOT_TLS',
      title: 'Plain HTTP was sent to a port for HTTPS',
    });
    expect(fields.get('connection')).toBe('close');
    expect(fields.get('cache-status')).toBe('etagere; detail=request-not-tls');
    expect(client.reset).toBe(false);
    expect(stage.origin.connections).toEqual([]);
  });

  it('takes a handshake whose first byte comes alone', async () => {
    const stage = await tlsStage(() => responseWith('a'));
    const socket = await stage.secure(['http/1.1'], { socket: firstByteAlone(stage.client()) });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await received(socket)).toContain('200 OK');
  });

  it('answers 408 where half a head came, and closes where nothing came at all', async () => {
    const stage = await tlsStage(() => responseWith('a'), { limits: { clientHeadTimeoutMs: 200 } });
    const socket = await stage.secure(['http/1.1']);
    socket.write('GET / HTTP/1.1\r\nHost:');
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await received(await stage.secure(['http/1.1']))).toMatch(/^HTTP\/1\.1 408 |^$/);
    expect(stage.origin.seen).toEqual([]);
  });

  it('tells a client of HTTP/1.0 apart what is complete from what broke off', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
    const stage = await tlsStage(({ target }) => (target === '/whole' ? `${head}0\r\n\r\n` : `${head}broken`));
    const alerts = async (target: string): Promise<readonly number[]> => {
      const types = await recordTypes(stage.port, `GET ${target} HTTP/1.0\r\nHost: a\r\n\r\n`);
      return types.slice(types.indexOf(applicationData));
    };
    // An alert at the end is the close_notify that ends a response which has nothing else to end it.
    expect((await alerts('/whole')).at(-1)).toBe(alert);
    expect(await alerts('/broken')).not.toContain(alert);
  });
});

it('refuses TLS 1.1, and to negotiate again', async () => {
  const stage = await tlsStage(() => responseWith('a'), { limits: { drainTimeoutMs: 200 } });
  await expect(stage.secure(['http/1.1'], { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })).rejects.toThrow(/closed/);
  const socket = await stage.secure(['http/1.1'], { maxVersion: 'TLSv1.2' });
  const refused = new Promise((resolve) => {
    socket.once('error', resolve);
  });
  socket.renegotiate({}, () => undefined);
  expect(String(await refused)).toContain('no renegotiation');
  expect(stage.origin.seen).toEqual([]);
});

/** The connection of a client, over which the first byte of whatever is written goes out a turn before the rest. */
function firstByteAlone(client: RawClient): Duplex {
  client.socket.removeAllListeners('data');
  const carrier = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _, done) => {
      const pieces = [bytes.subarray(0, 1), bytes.subarray(1)].map((piece) => piece.toString('latin1'));
      void sendApart(client, pieces, done);
    },
  });
  client.socket.on('data', (bytes) => carrier.push(bytes));
  client.socket.on('close', () => carrier.destroy());
  return carrier;
}

async function sendApart(client: RawClient, pieces: readonly string[], sent: () => void): Promise<void> {
  await client.sendApart(pieces);
  sent();
}

/** Types of records (RFC 5246 §6.2.1). */
const alert = 21;
const applicationData = 23;

/** Asks over TLS 1.2, where they can be seen, and resolves with the types of all records that the server has sent. */
async function recordTypes(port: number, request: string): Promise<readonly number[]> {
  const pieces: Buffer[] = [];
  const tap = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.pipe(server);
    client.on('error', () => undefined);
    server.on('error', () => undefined);
    server.on('data', (chunk: Buffer) => {
      pieces.push(chunk);
      client.write(chunk);
    });
    server.on('close', () => client.destroy());
  });
  tap.listen(0, '127.0.0.1');
  await once(tap, 'listening');
  atEnd(() => tap.close());
  const address = tap.address();
  const socket = connectTls({
    port: typeof address === 'object' && address !== null ? address.port : 0,
    host: '127.0.0.1',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.write(request));
  socket.resume();
  await once(socket, 'close');
  const bytes = Buffer.concat(pieces);
  const types: number[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes.readUInt8(at));
  return types;
}
