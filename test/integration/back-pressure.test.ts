import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createEtagere, type Etagere } from '../../src/index.ts';

const megabyte = 2 ** 20;
const totalBytes = 128 * megabyte;
/** What two sockets on this machine may hold between origin and client, and what we hold; far below the content. */
const boundBytes = 64 * megabyte;

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An origin that sends `totalBytes` as fast as they are taken, and counts them. */
async function pouringOrigin(fields: Record<string, string>): Promise<{ url: string; sent: () => number }> {
  let sent = 0;
  const piece = Buffer.alloc(64 * 1024, 'x');
  const pour = (response: ServerResponse): void => {
    while (sent < totalBytes && !response.destroyed) {
      sent += piece.length;
      if (!response.write(piece)) {
        response.once('drain', () => pour(response));
        return;
      }
    }
    response.end();
  };
  const server: Server = createServer((_, response) => {
    response.writeHead(200, fields);
    pour(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent: () => sent };
}

/** A client that sends its request and then takes nothing until it is told to. */
function idleClient(url: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(`GET /big HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  closers.push(() => socket.destroy());
  return socket;
}

/** Waits until `count` has not changed for so many turns that nothing is moving any more. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  for (let still = 0; still < 20_000; still++) {
    await turn();
    if (count() !== last) still = 0;
    last = count();
  }
  return last;
}

async function startEtagere(origin: string): Promise<{ etagere: Etagere; url: string }> {
  const etagere = createEtagere({ origin, listen: '127.0.0.1:0', memory: '8mb', log: 'off' });
  closers.unshift(() => etagere.close());
  return { etagere, url: await etagere.listen() };
}

test.each([
  ['a response that is not stored', { 'cache-control': 'no-store', 'content-length': String(totalBytes) }],
  ['a response that turns out too large for the shelf', { 'cache-control': 'max-age=60' }],
])('a client that reads nothing stops the origin: %s', async (_, fields) => {
  const origin = await pouringOrigin(fields);
  const { url } = await startEtagere(origin.url);
  const client = idleClient(url);
  expect(await settled(origin.sent)).toBeLessThan(boundBytes);
  let received = 0;
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  client.resume();
  await once(client, 'close');
  expect(origin.sent()).toBe(totalBytes);
  expect(received).toBeGreaterThan(totalBytes);
});
