import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const partly = [
  ['a length', 'Content-Length: 10\r\n\r\nabc'],
  ['a chunk', 'Transfer-Encoding: chunked\r\n\r\nA\r\nabc'],
  ['chunks without a last one', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
] as const;

const ends: readonly (readonly [how: string, end: (client: RawClient) => void, statuses: readonly string[]])[] = [
  ['stops', () => undefined, ['HTTP/1.1 408 Request Timeout']],
  ['ends', ({ socket }) => socket.end(), ['HTTP/1.1 400 Bad Request']],
  ['resets', ({ socket }) => socket.resetAndDestroy(), []],
];

overBothLanes(() => {
  describe.each(partly)('with %s', (_, lines) => {
    test.each(ends)('and a client that %s', async (__, end, statuses) => {
      const stage = await proxyStage(({ target }) => responseWith(target), { limits: { clientContentIdleMs: 500 } });
      const client = stage.client();
      client.send(`POST /a HTTP/1.1\r\nHost: shop.test\r\n${lines}`);
      const upstream = await stage.origin.connection(0);
      await upstream.until((received) => received.includes('abc'));
      end(client);
      await client.closed;
      const { messages, rest } = readResponses(client.received, ['POST'], true);
      expect([messages.map(({ startLine }) => startLine), rest]).toEqual([statuses, '']);
      // What the origin has of it must end with the connection, and not with a last chunk.
      await upstream.closed;
      expect([stage.origin.seen, stage.origin.faults()]).toEqual([[], []]);
      expect((await stage.get('/b')).content).toBe('/b');
      expect(stage.origin.seen.map(({ target, connection }) => [target, connection.index])).toEqual([['/b', 1]]);
    });
  });

  test.each(ends)('and an origin that has answered before its end, to a client that %s', async (_, end) => {
    const stage = await proxyStage(({ target }) => responseWith(target), { limits: { clientHeadTimeoutMs: 500 } });
    const client = stage.client();
    client.send('POST /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\nabc');
    const upstream = await stage.origin.connection(0);
    await upstream.until((received) => received.includes('abc'));
    upstream.send(responseWith('early'));
    await client.until((received) => received.includes('early'));
    expect((await stage.get('/b')).content).toBe('/b');
    end(client);
    await client.closed;
    await upstream.closed;
    expect(readResponses(client.received, ['POST'], true).messages.map(({ content }) => content)).toEqual(['early']);
    // The connection owes the origin seven bytes: the next request would be these.
    expect(stage.origin.seen.map(({ target, connection }) => [target, connection.index])).toEqual([['/b', 1]]);
    expect(stage.origin.faults()).toEqual([]);
  });
});
