import { describe, expect, it, vi } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import type { Exchange } from '../../../src/engine/exchange.ts';
import type { RawClient } from '../../harness/raw-client.ts';
import { nextTurn, overBothLanes, type Stage, stage } from './stage.ts';

/** More than both ends of a connection buffer. */
const content = Buffer.alloc(2 ** 25, 'x');

/** A quarter of the time that it takes to read all of it slowly. */
const patienceMs = 4_000;

const limits = {
  clientHeadTimeoutMs: patienceMs,
  clientStallMs: patienceMs,
  clientKeepAliveMs: patienceMs,
  drainTimeoutMs: 2 ** 30,
};

const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** The listener's own clock is moved by hand, while sockets go on in real time. */
async function withTimeByHand(test: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  try {
    await test();
  } finally {
    vi.useRealTimers();
  }
}

/** Reads all in pieces, with half a second between them. */
async function readSlowly(asking: RawClient): Promise<void> {
  for (let wanted = 2 ** 20; wanted < content.length; wanted += 2 ** 20) {
    await asking.until((received) => received.length >= wanted);
    asking.socket.pause();
    vi.advanceTimersByTime(500);
    asking.socket.resume();
  }
  await asking.closed;
}

/** Lets time pass while nothing is read, until the connection has ended. */
async function readNothing(asking: RawClient): Promise<void> {
  const ending = { seen: false };
  void asking.closed.then(() => {
    ending.seen = true;
  });
  while (!ending.seen) {
    // Only so is it seen that the connection has ended; what has come is not taken for that.
    asking.send('G');
    vi.advanceTimersByTime(500);
    await nextTurn();
    if (asking.reset) asking.socket.destroy();
  }
}

/** Has the whole answer under way, as the last one. */
async function answering(
  request: string,
  finish: (exchange: Exchange) => void,
): Promise<Stage & { asking: RawClient }> {
  const made = await stage(() => undefined, limits);
  const asking = made.client();
  asking.send(request);
  while (made.exchanges.length === 0) await nextTurn();
  if (request === plain) void made.listener.close();
  asking.socket.pause();
  for (const exchange of made.exchanges) {
    exchange.sink.head({ status: 200, fields: fieldsOf(['content-length', String(content.length)]) });
    exchange.sink.write(content);
    finish(exchange);
  }
  return { ...made, asking };
}

overBothLanes(() => {
  describe.each([
    ['that says close', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['of HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'],
    ['whose listener closes', plain],
  ])('the last answer on a connection %s', (_, request) => {
    it('is sent for as long as the client takes something of it', () =>
      withTimeByHand(async () => {
        const { asking } = await answering(request, ({ sink }) => sink.end());
        asking.socket.resume();
        await readSlowly(asking);
        expect(asking.received.length).toBeGreaterThan(content.length);
      }));
  });

  it('an answer that is broken off is sent as far as it came for as long as the client takes something of it', () =>
    withTimeByHand(async () => {
      const { asking } = await answering('GET / HTTP/1.1\r\nHost: a\r\n\r\n', ({ sink }) => sink.abort());
      asking.socket.resume();
      await readSlowly(asking);
      expect(asking.received.length).toBeGreaterThan(content.length);
    }));

  it('an answer that is broken off is sent although its client has sent more than is read', () =>
    withTimeByHand(async () => {
      const { client, exchanges } = await stage(() => undefined, limits);
      const asking = client();
      asking.send(plain.repeat(40_000));
      while (exchanges.length === 0) await nextTurn();
      asking.socket.pause();
      const [first] = exchanges;
      first?.sink.head({ status: 200, fields: fieldsOf(['content-length', String(content.length + 1)]) });
      first?.sink.write(content);
      first?.sink.abort();
      asking.socket.resume();
      await readSlowly(asking);
      expect(asking.received.length).toBeGreaterThan(content.length);
    }));

  it.each([
    ['the last answer', plain],
    ['an answer that node:http gives', 'GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n'],
  ])('%s is not held for a client that takes nothing', (_, request) =>
    withTimeByHand(async () => {
      const { asking } = await answering(request, ({ sink }) => sink.end());
      await readNothing(asking);
      expect(asking.received.length).toBeLessThan(content.length);
    }),
  );
});
