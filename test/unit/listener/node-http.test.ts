import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Exchange, ResponseSink } from '../../../src/engine/exchange.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { RawClient } from '../../harness/raw-client.ts';
import { afterwards, hellos, nextTurn, respond, SinkRecorder, stage, overBothLanes } from './stage.ts';

const get = (lines = ''): string => `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

/** Not plain enough for the fast lane; node:http takes several of them up at once. */
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
const bridged = get('Connection: x\r\n');

/** A stage whose exchanges wait for the test to answer them. */
async function waiting(): Promise<{
  client: () => RawClient;
  exchanges: readonly Exchange[];
  next: () => Promise<Exchange>;
}> {
  const { client, exchanges } = await stage(() => undefined);
  let taken = 0;
  return {
    client,
    exchanges,
    async next() {
      for (let found = exchanges[taken]; ; found = exchanges[taken]) {
        if (found !== undefined) {
          taken++;
          return found;
        }
        await nextTurn();
      }
    },
  };
}

overBothLanes(() => {
  describe('a request', () => {
    it('is handed on as the gate let it in, with the address of the peer', async () => {
      const { client, next } = await waiting();
      client().send('GET http://A:80/x?y HTTP/1.1\r\nHost: a\r\nX-B: caf\u00e9 \r\nX-B: 2\r\n\r\n');
      const exchange = await next();
      expect(exchange.request).toEqual({
        method: 'GET',
        scheme: 'http',
        authority: 'a',
        target: '/x?y',
        version: '1.1',
        fields: fieldsOf(['host', 'a'], ['x-b', 'caf\u00e9'], ['x-b', '2']),
      });
      expect(exchange.client).toEqual({ address: '127.0.0.1' });
      expect(exchange.content).toBeNull();
    });

    it('of HTTP/1.0 without Host is for our own address', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send('GET / HTTP/1.0\r\n\r\n');
      expect((await next()).request.authority).toBe(`127.0.0.1:${asking.socket.remotePort}`);
    });

    it('with Upgrade is handed on as if it had none, and is the last on its connection (RFC 9110 §7.8)', async () => {
      const { answer, exchanges } = await stage();
      const received = await answer(get('Connection: Upgrade\r\nUpgrade: websocket\r\n') + get());
      expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*connection: close\r\n/i);
      expect(exchanges.map(({ request }) => request.fields)).toEqual([fieldsOf(['host', 'a'])]);
    });

    it('may have fields named like properties of an object', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(get('__proto__: 1\r\nconstructor: 2\r\n'));
      await asking.until(hellos(1));
      expect(exchanges[0]?.request.fields).toEqual(['host', 'a', '__proto__', '1', 'constructor', '2']);
    });

    it('for the server as a whole is answered by ourselves', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(`OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\n\r\n${get()}`);
      await asking.until(hellos(1));
      expect(asking.received).toMatch(
        /^HTTP\/1\.1 204 No Content\r\nallow: GET, HEAD, QUERY, POST, PUT, PATCH, DELETE, OPTIONS\r\n/,
      );
      expect(exchanges).toHaveLength(1);
    });

    it('after another on the same connection is answered in turn', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send(bridged + bridged);
      const [first, second] = [await next(), await next()];
      respond('second')(second);
      await nextTurn();
      expect(asking.received).toBe('');
      respond('first')(first);
      await asking.until((received) => received.endsWith('second'));
      expect(asking.received.indexOf('first')).toBeLessThan(asking.received.indexOf('second'));
    });

    it.each([
      ['a safe one behind one that is not', post + get('X-Second: 1\r\n')],
      ['one that is not safe behind a safe one', bridged + post],
      ['one that is not safe behind its like', post + post],
    ])('waits for the answer to what is before it: %s (RFC 9112 §9.3.2)', async (_, both) => {
      const { client, exchanges, next } = await waiting();
      const asking = client();
      asking.send(both);
      const first = await next();
      await nextTurn();
      expect(exchanges).toHaveLength(1);
      respond('first')(first);
      respond('second')(await next());
      await asking.until((received) => received.endsWith('second'));
    });

    it('has its turn however many are before it', async () => {
      const { client, exchanges } = await stage();
      const asking = client();
      asking.send(post.repeat(50));
      await asking.until(hellos(50));
      expect(exchanges).toHaveLength(50);
    });

    it('is not begun where the answer to the one before says close (RFC 9112 §9.6)', async () => {
      const { client, exchanges, next } = await waiting();
      const asking = client();
      asking.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc' + post + post);
      respond('first')(await next());
      await asking.closed;
      expect(exchanges).toHaveLength(1);
      expect(asking.received).toMatch(/^connection: close/im);
    });
  });

  describe('a response', () => {
    it('has the fields as given, byte for byte, and the framing of the listener', async () => {
      const { client } = await stage(({ sink }) => {
        sink.head({
          status: 203,
          fields: fieldsOf(['x-a', 'caf\u00e9'], ['set-cookie', 'a'], ['set-cookie', 'b'], ['content-length', '2']),
        });
        sink.write(Buffer.from('ok'));
        sink.end();
      });
      const asking = client();
      asking.send(get());
      await asking.until((received) => received.endsWith('ok'));
      expect(asking.received).toBe(
        'HTTP/1.1 203 Non-Authoritative Information\r\nx-a: caf\u00e9\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 2\r\n' +
          'Connection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\nok',
      );
    });

    it('without Content-Length is chunked', async () => {
      const { client } = await stage(({ sink }) => {
        sink.head({ status: 200, fields: fieldsOf() });
        sink.write(Buffer.from('hello'));
        sink.end();
      });
      const asking = client();
      asking.send(get());
      await asking.until((received) => received.endsWith('5\r\nhello\r\n0\r\n\r\n'));
      expect(asking.received).toMatch(/\r\nTransfer-Encoding: chunked\r\n/);
    });

    it('to HTTP/1.0 without Content-Length ends with the connection', async () => {
      const { answer } = await stage(({ sink }) => {
        sink.interim({ status: 103, fields: fieldsOf(['link', '</a>']) });
        sink.head({ status: 200, fields: fieldsOf() });
        sink.write(Buffer.from('hello'));
        sink.end();
      });
      expect(await answer('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')).toBe(
        'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello',
      );
    });

    it('to HEAD has no content, whatever is written', async () => {
      const { client } = await stage();
      const asking = client();
      asking.send(`HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get()}`);
      await asking.until(hellos(1));
      expect(asking.received.split('hello')).toHaveLength(2);
    });

    it('keeps field values byte for byte, also where the head goes out before its content', async () => {
      const { client } = await stage(({ sink }) => {
        sink.head({ status: 200, fields: fieldsOf(['etag', '"abc\u00fc"']) });
      });
      const asking = client();
      asking.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await asking.until((received) => received.includes('\r\n\r\n'));
      expect(asking.received).toContain('etag: "abc\u00fc"\r\n');
    });

    it('goes out with its head before there is content', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send(get());
      const { sink } = await next();
      sink.head({ status: 200, fields: fieldsOf(['content-length', '5']) });
      await asking.until((received) => received.endsWith('\r\n\r\n'));
      sink.write(Buffer.from('he'));
      await asking.until((received) => received.endsWith('he'));
      sink.write(Buffer.from('llo'));
      sink.end();
      await asking.until(hellos(1));
      expect(asking.received.endsWith('\r\n\r\nhello')).toBe(true);
    });

    it('may be preceded by interim responses with any fields', async () => {
      const { client } = await stage((exchange) => {
        exchange.sink.interim({ status: 102, fields: fieldsOf() });
        exchange.sink.interim({ status: 103, fields: fieldsOf(['link', '</a>'], ['link', '</b>'], ['x', 'y']) });
        respond('hello')(exchange);
      });
      const asking = client();
      asking.send(get());
      await asking.until(hellos(1));
      expect(asking.received).toMatch(
        /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nlink: <\/a>\r\nlink: <\/b>\r\nx: y\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
      );
    });

    it('is preceded by no interim response that would break its lines, or that comes too late', async () => {
      const { client } = await stage(({ sink }) => {
        sink.interim({ status: 103, fields: fieldsOf(['link', 'a\r\n\r\nHTTP/1.1 200 OK']) });
        sink.head({ status: 200, fields: fieldsOf(['content-length', '5']) });
        sink.write(Buffer.from('hello'));
        sink.interim({ status: 103, fields: fieldsOf() });
        sink.end();
      });
      const asking = client();
      asking.send(bridged + bridged);
      await asking.until(hellos(2));
      expect(asking.received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    });

    it('that waits for an earlier one drops its interim responses', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send(bridged + bridged);
      const [first, second] = [await next(), await next()];
      second.sink.interim({ status: 103, fields: fieldsOf() });
      respond('hello')(second);
      respond('hello')(first);
      await asking.until(hellos(2));
      expect(asking.received).not.toContain('103');
    });

    it('that is aborted is not completed, but every byte of it arrives', async () => {
      const content = Buffer.alloc(2 ** 20, 'a');
      const { answer } = await stage(({ sink }) => {
        sink.head({ status: 200, fields: fieldsOf() });
        sink.write(content);
        sink.abort();
      });
      const received = await answer(get());
      expect(received.endsWith('\r\n\r\n100000\r\n'.concat('a'.repeat(content.length), '\r\n'))).toBe(true);
    });

    it('that is aborted where only the connection would end it resets the connection', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send('GET / HTTP/1.0\r\n\r\n');
      const { sink } = await next();
      sink.head({ status: 200, fields: fieldsOf() });
      sink.write(Buffer.from('hel'));
      await asking.until((received) => received.endsWith('hel'));
      sink.abort();
      await asking.closed;
      expect(asking.reset).toBe(true);
    });

    it('that is aborted before its head closes the connection', async () => {
      const { answer } = await stage(({ sink }) => sink.abort());
      expect(await answer(get())).toBe('');
    });
  });

  describe('back-pressure', () => {
    it('is told by write, and its end by onDrain', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.socket.pause();
      asking.send(get());
      const { sink } = await next();
      const recorder = new SinkRecorder();
      const drained = new Promise<void>((resolve) => {
        recorder.onDrain = resolve;
      });
      sink.listen(recorder);
      sink.head({ status: 200, fields: fieldsOf() });
      let writes = 0;
      while (sink.write(Buffer.alloc(2 ** 16))) writes++;
      asking.socket.resume();
      await drained;
      expect(sink.write(Buffer.from('end'))).toBe(true);
      sink.end();
      await asking.until((received) => received.endsWith('3\r\nend\r\n0\r\n\r\n'));
      expect(asking.received.length).toBeGreaterThan((writes + 1) * 2 ** 16);
    });
  });

  describe('a client that leaves', () => {
    it.each<[string, (sink: ResponseSink) => void]>([
      ['before the head', () => undefined],
      ['inside the content', (sink) => sink.head({ status: 200, fields: fieldsOf() })],
    ])('%s is told once, and calls after that do nothing', async (_, before) => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send(get());
      const { sink } = await next();
      const [replaced, recorder] = [new SinkRecorder(), new SinkRecorder()];
      sink.listen(replaced);
      sink.listen(recorder);
      before(sink);
      asking.socket.destroy();
      await recorder.closed;
      sink.interim({ status: 103, fields: fieldsOf() });
      sink.head({ status: 200, fields: fieldsOf() });
      expect(sink.write(Buffer.from('x'))).toBe(true);
      sink.end();
      sink.abort();
      await nextTurn();
      expect(recorder.events).toEqual(['close']);
      expect(replaced.events).toEqual([]);
    });

    it('is told to every request that waits on the connection', async () => {
      const { client, next } = await waiting();
      const asking = client();
      asking.send(bridged + bridged);
      const recorders = [new SinkRecorder(), new SinkRecorder()];
      for (const recorder of recorders) (await next()).sink.listen(recorder);
      asking.socket.destroy();
      await Promise.all(recorders.map(({ closed }) => closed));
      expect(recorders.map(({ events }) => events)).toEqual([['close'], ['close']]);
    });

    it('is not told after end, nor after abort', async () => {
      const { client, next } = await waiting();
      const recorders: SinkRecorder[] = [];
      for (const finish of ['end', 'abort'] as const) {
        const asking = client();
        asking.send(get());
        const { sink } = await next();
        const recorder = new SinkRecorder();
        recorders.push(recorder);
        sink.listen(recorder);
        sink.head({ status: 200, fields: fieldsOf(['content-length', '0']) });
        await asking.until((received) => received.includes('\r\n\r\n'));
        sink[finish]();
        asking.socket.destroy();
        await asking.closed;
      }
      await nextTurn();
      expect(recorders.map(({ events }) => events)).toEqual([[], []]);
    });
  });

  describe('inside a server that is not ours', () => {
    it('requests are answered by the same rules', async () => {
      const { listener, exchanges } = await stage();
      const server = createServer(listener.handle);
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      afterwards(
        () =>
          new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
          }),
      );
      const asking = new RawClient((server.address() as AddressInfo).port);
      asking.send(`${get()}GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n`);
      await asking.closed;
      expect(asking.received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
      expect(exchanges).toHaveLength(1);
    });
  });
});
