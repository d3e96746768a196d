import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { echo, nextTurn, respond, stage, statusOf, overBothLanes } from './stage.ts';

const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const get = (lines: string): string => `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

overBothLanes(() => {
  describe('bytes that are no request', () => {
    it.each<[string, string, number[]]>([
      ['Content-Length and Transfer-Encoding', get('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'), [400]],
      ['Transfer-Encoding and Content-Length', get('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n'), [400]],
      ['two lengths', get('Content-Length: 3\r\nContent-Length: 4\r\n'), [400]],
      ['the same length twice', get('Content-Length: 3\r\nContent-Length: 3\r\n'), [400]],
      ['a list of lengths', get('Content-Length: 5, 5\r\n'), [400]],
      ['an empty length', get('Content-Length:\r\n'), [400]],
      ['a length with a sign', get('Content-Length: +5\r\n'), [400]],
      ['a negative length', get('Content-Length: -1\r\n'), [400]],
      ['a hexadecimal length', get('Content-Length: 0x5\r\n'), [400]],
      ['two numbers', get('Content-Length: 5 5\r\n'), [400]],
      ['a length of 2^64', get('Content-Length: 18446744073709551616\r\n'), [400]],
      ['the coding xchunked', get('Transfer-Encoding: xchunked\r\n'), [400]],
      ['the coding identity', get('Transfer-Encoding: identity\r\n'), [400]],
      ['chunked, identity', get('Transfer-Encoding: chunked, identity\r\n'), [400]],
      ['gzip, chunked', get('Transfer-Encoding: gzip, chunked\r\n'), [501]],
      ['an empty coding before chunked', get('Transfer-Encoding: ,chunked\r\n'), [400]],
      ['two Transfer-Encoding lines', get('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), [400]],
      ['VT before chunked', get('Transfer-Encoding: \u000bchunked\r\n'), [400]],
      ['a folded Transfer-Encoding', get('Transfer-Encoding:\r\n chunked\r\n'), [400]],
      ['Transfer-Encoding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
      ['a bare LF', 'GET / HTTP/1.1\nHost: a\n\n', [400]],
      ['a bare CR in a value', get('X: a\rb\r\n'), [400]],
      ['NUL in a value', get('X: a\0b\r\n'), [400]],
      ['a control character in a value', get('X: a\u0001b\r\n'), [400]],
      ['DEL in a value', get('X: a\u007fb\r\n'), [400]],
      ['a folded value', get('X: a\r\n b\r\n'), [400]],
      ['a blank before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', [400]],
      ['a space before the colon', get('X : a\r\n'), [400]],
      ['an empty name', get(': a\r\n'), [400]],
      ['a line without a colon', get('abc\r\n'), [400]],
      ['0x85 in a name', get('X\u0085: a\r\n'), [400]],
      ['HTTP/0.9', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', [505]],
      ['no version', 'GET /\r\n\r\n', [400, 505]],
      ['HTTP/1.2', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', [505]],
      ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', [505]],
      ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
      ['a lower-case method', 'get / HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a malformed method', 'G\u0000T / HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', [405]],
      ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', [405]],
      ['no Host', 'GET / HTTP/1.1\r\n\r\n', [400]],
      ['two Host lines', get('Host: b\r\n'), [400]],
      ['a list in Host', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', [400]],
      ['a target of another host', 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a target of another port', 'GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['GET *', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a target in authority-form', 'GET b:80 HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['OPTIONS */x', 'OPTIONS */x HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a target without a slash', 'GET admin HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a fragment', 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a backslash in the target', 'GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['a dot segment', 'GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
      ['an imitated Content-Length', get('Content_Length: 3\r\n'), [400]],
      ['an unknown expectation', get('Expect: y 100-continue\r\n'), [417]],
      ['another unknown expectation', get('Expect: 200-ok\r\n'), [417]],
      ['a long target', `GET /${'a'.repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, [414]],
      ['a long value', get(`X: ${'a'.repeat(9_000)}\r\n`), [431]],
      ['a long head', get(`X: ${'a'.repeat(8_000)}\r\nY: ${'a'.repeat(8_000)}\r\nZ: ${'a'.repeat(8_000)}\r\n`), [431]],
    ])('are refused for %s, and the connection closes', async (_, bytes, statuses) => {
      const { answer, exchanges } = await stage();
      const received = await answer(bytes);
      expect(statuses).toContain(statusOf(received));
      expect(received).toMatch(/\r\nconnection: close\r\n/i);
      expect(exchanges).toHaveLength(0);
    });

    it.each(['Content-Length: 3', 'Host: b', 'Cookie: a=1', 'Authorization: Basic eA=='])(
      'are refused with %s beyond the number of lines that is allowed',
      async (line) => {
        const { answer, exchanges } = await stage();
        const lines = Array.from({ length: defaultLimits.clientFieldLines }, (_, i) => `x-${i}: 1\r\n`).join('');
        expect(statusOf(await answer(get(`${lines}${line}\r\n`)))).toBe(431);
        expect(exchanges).toHaveLength(0);
      },
    );

    it('are answered with a problem document that says what is wrong', async () => {
      const { answer } = await stage();
      const [head = '', content = ''] = (await answer('GET / HTTP/1.1\r\n\r\n')).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(head).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i);
      expect(head).toMatch(/\r\ncache-status: etagere; detail=request-host-invalid(?:\r\n|$)/i);
      expect(head).toMatch(/\r\ndate: .+ GMT\r\n/i);
      expect(JSON.parse(content)).toMatchObject({ status: 400, code: 'REQUEST_HOST_INVALID', detail: 'no Host' });
    });

    it('are answered with the same document where the parser refuses them', async () => {
      const { answer } = await stage();
      const [head = '', content = ''] = (await answer('GET / HTTP/1.1\nHost: a\n\n')).split('\r\n\r\n');
      expect(head).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i);
      expect(head).toMatch(/\r\ncache-status: etagere; detail=request-malformed\r\n/i);
      expect(JSON.parse(content)).toMatchObject({ status: 400, code: 'REQUEST_MALFORMED' });
    });

    it.each<[string, string, string]>([
      ['a method that the parser does not know', 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n', 'REQUEST_METHOD_UNKNOWN'],
      ['one after an empty line', '\r\nBREW /pot HTTP/1.1\r\nHost: a\r\n\r\n', 'REQUEST_METHOD_UNKNOWN'],
      ['one in lower case', 'brew /pot HTTP/1.1\r\nHost: a\r\n\r\n', 'REQUEST_MALFORMED'],
      ['one without a target', 'BREW HTTP/1.1\r\nHost: a\r\n\r\n', 'REQUEST_MALFORMED'],
      ['one that can not be read', 'BR\u0000EW / HTTP/1.1\r\nHost: a\r\n\r\n', 'REQUEST_MALFORMED'],
    ])('are answered 501 only where all but the method is good: %s', async (_, bytes, code) => {
      const { answer } = await stage();
      const received = await answer(bytes);
      expect(received).toContain(`"code":"${code}"`);
      expect(statusOf(received)).toBe(code === 'REQUEST_METHOD_UNKNOWN' ? 501 : 400);
    });

    it('are answered 501 after a request that was good', async () => {
      const { answer } = await stage();
      const received = await answer(`${get('')}BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 501']);
    });

    it.each([
      'GET / HTTP/1.1\nHost: a\n\n',
      'NOT HTTP\r\n\r\n',
      'GET /\r\n\r\n',
      'G\u0000T / HTTP/1.1\r\n\r\n',
      get('Content-Length: 5, 5\r\n'),
      get('Transfer-Encoding: xchunked\r\n'),
      get('X : a\r\n'),
      get(`X: ${'a'.repeat(20_000)}\r\n`),
      `${chunked}zz\r\n`,
      `${chunked}5;${'a'.repeat(20_000)}\r\nabcde\r\n`,
    ])('are told in words, not in those of the parser: %j', async (bytes) => {
      const { answer } = await stage(echo);
      const detail: unknown = (JSON.parse((await answer(bytes)).split('\r\n\r\n')[1] ?? '') as { detail: unknown })
        .detail;
      expect(detail).toMatch(/^[A-Za-z0-9/.,\- ]{8,}$/);
      expect(detail).not.toMatch(/HPE|ERR_|_/);
    });

    it('are told to the log, by the gate and by the parser alike', async () => {
      const { answer, refusals } = await stage();
      await answer('GET /secret HTTP/1.1\r\n\r\n');
      await answer('GET /secret HTTP/1.1\nHost: a\n\n');
      expect(refusals.map(({ error, status, client }) => [error, status, client.address])).toEqual([
        ['REQUEST_HOST_INVALID', 400, '127.0.0.1'],
        ['REQUEST_MALFORMED', 400, '127.0.0.1'],
      ]);
      expect(JSON.stringify(refusals)).not.toContain('secret');
    });

    it('say which methods are served (RFC 9110 §15.5.6)', async () => {
      const { answer } = await stage();
      for (const method of ['TRACE /', 'CONNECT a:443']) {
        expect(await answer(`${method} HTTP/1.1\r\nHost: a:443\r\n\r\n`)).toMatch(/\r\nallow: GET, HEAD, /i);
      }
    });

    it('hide no second request that is read with them', async () => {
      const { answer, exchanges } = await stage();
      const received = await answer(`GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${get('')}`);
      expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
      expect(exchanges).toHaveLength(0);
    });

    it('do not keep an earlier request from its answer', async () => {
      const { client } = await stage();
      const asking = client();
      asking.send(`${get('')}NOT HTTP\r\n\r\n`);
      await asking.closed;
      expect(asking.received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    });

    it('are not answered into the middle of an earlier answer', async () => {
      const { client, exchanges } = await stage(() => undefined);
      const asking = client();
      asking.send(`${get('')}NOT HTTP\r\n\r\n${get('')}`);
      const other = client();
      other.send(get(''));
      while (exchanges.length < 2) await nextTurn();
      expect(asking.received).toBe('');
      const [first] = exchanges;
      if (first === undefined) throw new Error('no exchange');
      respond('hello')(first);
      await asking.closed;
      expect(asking.received.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    });
  });

  describe('content that is not what it should be', () => {
    it.each<[string, string]>([
      ['a chunk size after a space', ' 5\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk size before a space', '5 \r\nabcde\r\n0\r\n\r\n'],
      ['a chunk size with 0x', '0x5\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk size with an underscore', '5_0\r\nabcde\r\n0\r\n\r\n'],
      ['an empty chunk size', '\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk size of 17 digits', '10000000000000005\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk extension with a bare LF', '5;a\nb\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk extension with a bare CR', '5;a\rb\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk size line that ends in CR CR', '5\r\r;\r\nabcde\r\n0\r\n\r\n'],
      ['a chunk with a byte too many', '5\r\nabcdef\r\n0\r\n\r\n'],
      ['a chunk ended by LF', '5\r\nabcde\n0\r\n\r\n'],
      ['a chunk ended by two junk bytes', '5\r\nabcdeXX0\r\n\r\n'],
    ])('is refused for %s, and whoever reads it learns that it broke off', async (_, content) => {
      const broken: string[] = [];
      const { answer, exchanges } = await stage((exchange) => {
        exchange.content?.on('error', (error) => broken.push(error.message));
        echo(exchange);
      });
      const received = await answer(chunked + content);
      expect(statusOf(received)).toBe(400);
      expect(received).toMatch(/\r\nconnection: close\r\n/i);
      expect(exchanges.map(({ content: read }) => read?.destroyed)).toEqual([true]);
      expect(broken).toHaveLength(1);
    });

    it('that would take for ever to come is answered 408', async () => {
      const { answer } = await stage(echo, { clientHeadTimeoutMs: 20, clientRequestTimeoutMs: 20 });
      expect(statusOf(await answer(`${chunked}FFFFFFFFFFFFFFED\r\nabcde\r\n0\r\n\r\n`))).toBe(408);
    });

    it.each([true, false])('gets no second answer when the first has begun (ended: %s)', async (ended) => {
      const { client } = await stage(({ sink, content }) => {
        content?.resume();
        sink.head({ status: 200, fields: fieldsOf() });
        sink.write(Buffer.from('hello'));
        if (ended) sink.end();
      });
      const asking = client();
      asking.send(chunked);
      await asking.until((received) => received.includes(ended ? '0\r\n\r\n' : 'hello'));
      asking.send('zz\r\n');
      await asking.closed;
      expect(asking.received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    });
  });

  describe('the answer to a refused request', () => {
    const more = 4 * 2 ** 20;

    it.each<[string, string]>([
      ['for its head', `POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: ${more}\r\n\r\n`],
      ['for its content', `${chunked}zz\r\n`],
      ['by the parser', 'POST / HTTP/1.1\nHost: a\n\n'],
    ])('%s reaches a client that sends all before it reads anything', async (_, bytes) => {
      const { client } = await stage(echo);
      const asking = client();
      asking.socket.pause();
      asking.send(bytes);
      const sent = new Promise<unknown>((resolve) => {
        asking.socket.write(Buffer.alloc(more), resolve);
      });
      expect(await sent).toBeNull();
      asking.socket.resume();
      await asking.closed;
      expect([statusOf(asking.received), asking.reset]).toEqual([400, false]);
    });

    it('is the last that is read, and a client that never closes is cut off', async () => {
      const { client, exchanges } = await stage(undefined, { clientHeadTimeoutMs: 20 });
      const asking = client();
      asking.socket.allowHalfOpen = true;
      asking.send('NOT HTTP\r\n\r\n');
      await asking.until((received) => received.includes('REQUEST_MALFORMED'));
      while (!asking.socket.closed) {
        asking.send(get(''));
        await nextTurn();
      }
      expect(exchanges).toHaveLength(0);
    });
  });

  describe('a request that does not come', () => {
    it.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\nX: '])('in time after %j is answered 408', async (begun) => {
      const { answer } = await stage(undefined, { clientHeadTimeoutMs: 20 });
      expect(statusOf(await answer(begun))).toBe(408);
    });

    it('in time as a whole is answered 408, and whoever reads it learns that it broke off', async () => {
      const { answer, exchanges } = await stage(echo, { clientHeadTimeoutMs: 20, clientRequestTimeoutMs: 20 });
      const received = await answer('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab');
      expect(statusOf(received)).toBe(408);
      expect(exchanges[0]?.content?.errored).toMatchObject({ code: 'REQUEST_TIMEOUT' });
    });
  });
});
