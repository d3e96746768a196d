import { describe, expect, it } from 'vitest';
import { echo, hellos, nextTurn, respond, stage, statusOf, overBothLanes } from './stage.ts';

const post = (lines: string): string => `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
const get = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n';

overBothLanes(() => {
  describe('content of a request', () => {
    it.each<[string, string]>([
      ['a length', `${post('Content-Length: 5\r\n')}hello`],
      ['chunks', `${post('Transfer-Encoding: chunked\r\n')}2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: dropped\r\n\r\n`],
    ])('with %s is read as it was sent, and nothing more', async (_, bytes) => {
      const { client, exchanges } = await stage(echo);
      const asking = client();
      asking.send(bytes + bytes);
      await asking.until(hellos(2));
      expect(exchanges).toHaveLength(2);
    });

    it('is null where its length is 0', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(post('Content-Length: 0\r\n'));
      await asking.until(hellos(1));
      expect(exchanges[0]?.content).toBeNull();
    });

    it.each<[string, string]>([
      ['GET with a length', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 45\r\n\r\n'],
      ['HEAD with a length', 'HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 45\r\n\r\n'],
    ])('that nobody reads is never taken for a request: %s', async (_, head) => {
      const { client, exchanges } = await stage();
      const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\nX: 12345\r\n\r\n';
      expect(smuggled).toHaveLength(45);
      const asking = client();
      asking.send(head + smuggled + get);
      await asking.until((received) => received.split('x-answer').length === 3);
      expect(exchanges.map(({ request }) => request.target)).toEqual(['/', '/second']);
    });

    it('in chunks that nobody reads is never taken for a request', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(`GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2d\r\n`);
      asking.send(`GET /smuggled HTTP/1.1\r\nHost: a\r\nX: 12345\r\n\r\n\r\n0\r\n\r\n${get}`);
      await asking.until(hellos(2));
      expect(exchanges.map(({ request }) => request.target)).toEqual(['/', '/second']);
    });

    it('that nobody reads and that comes late is read away, and the next request answered', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(`${post('Content-Length: 10\r\n')}01234`);
      await asking.until(hellos(1));
      asking.send(`56789${get}`);
      await asking.until(hellos(2));
      expect(exchanges.map(({ request }) => request.target)).toEqual(['/', '/second']);
    });

    it('that is announced to be more than is read away closes the connection', async () => {
      const { client, exchanges } = await stage(undefined, { clientDrainBytes: 10 });
      const asking = client();
      asking.send(`${post('Content-Length: 11\r\n')}0123456789x${get}`);
      await asking.closed;
      expect(asking.received).toMatch(/\r\nconnection: close\r\n/i);
      expect(exchanges).toHaveLength(1);
    });

    it('that turns out to be more than is read away closes the connection', async () => {
      const { client, exchanges } = await stage(undefined, { clientDrainBytes: 10 });
      const asking = client();
      asking.send(post('Transfer-Encoding: chunked\r\n'));
      await asking.until(hellos(1));
      asking.send(`b\r\n0123456789x\r\n0\r\n\r\n${get}`);
      await asking.closed;
      expect(asking.received.split('hello')).toHaveLength(2);
      expect(exchanges).toHaveLength(1);
    });

    it('that nobody reads and that does not come closes the connection', async () => {
      const { answer } = await stage(undefined, { clientHeadTimeoutMs: 20 });
      const received = await answer(`${post('Content-Length: 10\r\n')}01234`);
      expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200']);
    });

    it('that is given up half-way is read away', async () => {
      const { client, exchanges } = await stage((exchange) => {
        if (exchange.content === null) respond('hello')(exchange);
        exchange.content?.once('data', () => {
          exchange.content?.destroy();
          respond('hello')(exchange);
        });
      });
      const asking = client();
      asking.send(`${post('Content-Length: 10\r\n')}01234`);
      await asking.until(hellos(1));
      asking.send(`56789${get}`);
      await asking.until(hellos(2));
      expect(exchanges).toHaveLength(2);
    });

    it('breaks off with an error when the client leaves, whether somebody reads or not', async () => {
      for (const read of [true, false]) {
        const { client, exchanges } = await stage(({ content }) => {
          if (read) content?.resume();
        });
        const asking = client();
        asking.send(`${post('Content-Length: 10\r\n')}01234`);
        while (exchanges.length === 0) await nextTurn();
        const content = exchanges[0]?.content;
        const closed = new Promise((resolve) => content?.once('close', resolve));
        asking.socket.destroy();
        await closed;
        expect(content?.errored).toMatchObject({ code: 'REQUEST_MALFORMED' });
      }
    });

    it('waits with the client while it is not read', async () => {
      const total = 32 * 2 ** 20;
      const { client, exchanges } = await stage(({ content }) => content?.once('data', () => content.pause()));
      const asking = client();
      asking.send(post(`Content-Length: ${total}\r\n`));
      asking.socket.write(Buffer.alloc(total));
      const other = client();
      for (let i = 0; i < 50; i++) {
        other.send(post('Content-Length: 0\r\n'));
        while (exchanges.length < i + 2) await nextTurn();
        const exchange = exchanges.at(-1);
        if (exchange !== undefined) respond('hello')(exchange);
        await other.until(hellos(i + 1));
      }
      expect(asking.socket.writableLength).toBeGreaterThan(0);
    });
  });

  describe('content of a request that is too long', () => {
    it('by its announced length is refused before anybody hears of it', async () => {
      const { answer, exchanges } = await stage(echo, { clientContentBytes: 5 });
      const received = await answer(post('Content-Length: 6\r\n'));
      expect(statusOf(received)).toBe(413);
      expect(exchanges).toHaveLength(0);
    });

    it('by its chunks is answered 413, and whoever reads it learns why it broke off', async () => {
      const { answer, exchanges } = await stage(echo, { clientContentBytes: 5 });
      const received = await answer(`${post('Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n3\r\ndef\r\n`);
      expect(statusOf(received)).toBe(413);
      expect(exchanges[0]?.content?.errored).toMatchObject({ code: 'REQUEST_CONTENT_TOO_LARGE' });
    });

    it('by nothing is passed on', async () => {
      const { client, exchanges } = await stage(echo, { clientContentBytes: 5 });
      const asking = client();
      asking.send(
        `${post('Content-Length: 5\r\n')}hello${post('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\n\r\n`,
      );
      await asking.until(hellos(2));
      expect(exchanges.map(({ content }) => content?.errored)).toEqual([null, null]);
    });
  });

  describe('Expect: 100-continue', () => {
    const expecting = post('Content-Length: 5\r\nExpect: 100-continue\r\n');

    it('is answered 100 when somebody begins to read', async () => {
      const { client } = await stage(echo);
      const asking = client();
      asking.send(expecting);
      await asking.until((received) => received === 'HTTP/1.1 100 Continue\r\n\r\n');
      asking.send('hello');
      await asking.until(hellos(1));
      expect(asking.received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    });

    it('is answered by the final response alone where nobody reads, and the connection closes', async () => {
      const { answer, exchanges } = await stage();
      const received = await answer(expecting);
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(received).toMatch(/\r\nconnection: close\r\n/i);
      expect(exchanges).toHaveLength(1);
    });

    it('means nothing in HTTP/1.0', async () => {
      const { answer } = await stage(echo);
      const received = await answer('POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello');
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    });
  });
});
