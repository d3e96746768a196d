import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

/** Connects so many, and sends the bytes on each. */
async function crowd(stage: ProxyStage, size: number, bytes: string): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let index = 0; index < size; index++) {
    const client = stage.client();
    client.send(bytes);
    // The system has room for some hundreds that connect.
    if (clients.push(client) % 200 === 0) await once(client.socket, 'connect');
  }
  return clients;
}

/** Sends one of these bytes after the other, a turn of the event loop apart, until the connection is closed. */
async function drip(client: RawClient, bytes: string): Promise<void> {
  for (let at = 0; !client.socket.destroyed && client.socket.writable; at = (at + 1) % bytes.length) {
    client.send(bytes.charAt(at));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function onlyToGet({ method }: SeenRequest): string | undefined {
  return method === 'GET' ? responseWith('stored', ['Cache-Control: max-age=600']) : undefined;
}

overBothLanes(() => {
  describe('slow heads', () => {
    test('2,000 heads that never end: each is let go in its time, and hits are answered meanwhile', async () => {
      const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']), {
        limits: { clientHeadTimeoutMs: 1_000, overloadDelayMs: 0 },
      });
      await stage.get('/a');
      const slow = await crowd(stage, 2_000, 'GET /a HTTP/1.1\r\nHost: shop.te');
      expect((await stage.get('/a')).field('cache-status')).toContain('; hit');
      await Promise.all(slow.map(({ closed }) => closed));
      for (const { received } of slow) expect(received).toMatch(/^$|^HTTP\/1\.1 408 /);
      expect((await stage.get('/a')).field('cache-status')).toContain('; hit');
      expect(stage.origin.seen).toHaveLength(1);
    });

    test('one that comes byte by byte has no more time than one that does not come', async () => {
      const stage = await proxyStage(() => responseWith('never'), {
        limits: { clientHeadTimeoutMs: 200, clientHeadBytes: 2 ** 24, clientFieldValueBytes: 2 ** 24 },
      });
      const client = stage.client();
      client.send('GET /a HTTP/1.1\r\nHost: shop.test\r\nX: ');
      await drip(client, 'x');
      await client.closed;
      expect(client.received).toMatch(/^$|^HTTP\/1\.1 408 /);
      expect(stage.origin.connections).toEqual([]);
    });
  });

  describe('slow content', () => {
    const head = 'POST /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 100000000\r\n\r\n';

    test('that falls silent: the client is told, and the connection to the origin is closed', async () => {
      const stage = await proxyStage(() => undefined, { limits: { clientContentIdleMs: 300 } });
      const slow = await crowd(stage, 20, `${head}begin`);
      await Promise.all(slow.map(({ closed }) => closed));
      for (const { received } of slow) expect(received).toMatch(/^HTTP\/1\.1 408 /);
      await Promise.all(stage.origin.connections.map(({ closed }) => closed));
      expect(stage.origin.seen).toEqual([]);
    });

    test('that comes byte by byte: it has to be there in time as a whole', async () => {
      const stage = await proxyStage(() => undefined, {
        limits: { clientHeadTimeoutMs: 300, clientRequestTimeoutMs: 500, clientContentIdleMs: 60_000 },
      });
      const client = stage.client();
      client.send(head);
      await drip(client, 'x');
      await client.closed;
      expect(client.received).toMatch(/^$|^HTTP\/1\.1 408 /);
      await Promise.all(stage.origin.connections.map(({ closed }) => closed));
      expect(stage.origin.seen).toEqual([]);
    });

    test('of many: no more connections to the origin than there may be, and what is stored is answered', async () => {
      const stage = await proxyStage(onlyToGet, {
        limits: { originConnections: 2, originQueue: 3, originQueueTimeoutMs: 60_000, clientContentIdleMs: 60_000 },
      });
      await stage.get('/stored');
      const slow = await crowd(stage, 50, `${head}begin`);
      const refused = new Set<RawClient>();
      await new Promise<void>((resolve) => {
        for (const client of slow)
          void client.closed.then(() => {
            if (refused.add(client).size === 45) resolve();
          });
      });
      for (const { received } of refused) expect(received).toMatch(/^HTTP\/1\.1 503 /);
      expect((await stage.get('/stored')).field('cache-status')).toContain('; hit');
      expect(stage.origin.connections.length).toBeLessThanOrEqual(2);
      for (const { socket } of slow) socket.destroy();
      expect((await stage.get('/later')).status).toBe(200);
    });
  });
});
