import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { echo, hellos, nextTurn, stage, statusOf, overBothLanes } from './stage.ts';

/** Our own timers are moved by hand, while sockets go on in real time. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterAll(() => {
  vi.useRealTimers();
});

const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n';
const limits = { clientContentIdleMs: 1_000 };

function isFull(content: Readable | null | undefined): boolean {
  return content !== null && content !== undefined && content.readableLength >= content.readableHighWaterMark;
}

overBothLanes(() => {
  describe('a client that sends no more of the content that it announced', () => {
    it.each<[string, string]>([
      ['before any of it', ''],
      ['in the middle', 'he'],
    ])('%s is answered 408, and whoever reads it learns why it broke off', async (_, begun) => {
      const { client, exchanges, refusals } = await stage(echo, limits);
      const asking = client();
      asking.send(`${head}\r\n${begun}`);
      while (exchanges[0]?.content?.listenerCount('data') !== 1) await nextTurn();
      while (asking.received === '') {
        vi.advanceTimersByTime(500);
        await nextTurn();
      }
      await asking.closed;
      expect(statusOf(asking.received)).toBe(408);
      expect(exchanges[0]?.content?.errored).toMatchObject({ code: 'REQUEST_TIMEOUT' });
      expect(refusals.map(({ error }) => error)).toEqual(['REQUEST_TIMEOUT']);
    });

    it('is not blamed while nobody reads', async () => {
      const { client, exchanges } = await stage(() => undefined, limits);
      const asking = client();
      asking.send(`${head}\r\nhe`);
      while (exchanges.length === 0) await nextTurn();
      vi.advanceTimersByTime(60_000);
      await nextTurn();
      const [exchange] = exchanges;
      if (exchange === undefined) throw new Error('no exchange');
      echo(exchange);
      asking.send('llo');
      await asking.until(hellos(1));
      expect(statusOf(asking.received)).toBe(200);
    });

    it('is not blamed while whoever reads is slow', async () => {
      const total = 2 ** 20;
      let read = 0;
      const { client, exchanges } = await stage(({ content }) => {
        content?.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read === chunk.length) content.pause();
        });
      }, limits);
      const asking = client();
      asking.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${total}\r\n\r\n`);
      asking.socket.write(Buffer.alloc(total));
      while (!isFull(exchanges[0]?.content)) await nextTurn();
      const content = exchanges[0]?.content;
      vi.advanceTimersByTime(60_000);
      const ended = new Promise((resolve) => content?.once('end', resolve));
      content?.resume();
      await ended;
      expect(read).toBe(total);
    });

    it('waits for 100 first, where it was asked to, and is given its time from then on', async () => {
      const { client, exchanges } = await stage(() => undefined, limits);
      const asking = client();
      asking.send(`${head}Expect: 100-continue\r\n\r\n`);
      while (exchanges.length === 0) await nextTurn();
      vi.advanceTimersByTime(60_000);
      const [exchange] = exchanges;
      if (exchange === undefined) throw new Error('no exchange');
      echo(exchange);
      await asking.until((received) => received.startsWith('HTTP/1.1 100'));
      asking.send('hello');
      await asking.until(hellos(1));
      expect(asking.received).toContain('HTTP/1.1 200');
    });
  });
});
