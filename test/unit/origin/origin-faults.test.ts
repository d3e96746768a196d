import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { certificate, certificateKey } from './certificate.ts';
import { type RawConnection, rawOrigin } from '../../harness/raw-origin.ts';
import { originRequest, Recorder } from './recorder.ts';
import { afterwards, fetched, listening, ok, originAt } from './stage.ts';

const head = 'HTTP/1.1 200 OK\r\n';
const complete = ok('x');

describe('a response that is not HTTP/1.1', () => {
  it.each<[string, string]>([
    ['Content-Length and Transfer-Encoding', `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two different lengths', `${head}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`],
    ['the same length twice', `${head}content-length: 3\r\ncontent-length: 3\r\n\r\nabc`],
    ['a list of lengths', `${head}content-length: 3, 3\r\n\r\nabc`],
    ['a length with a sign', `${head}content-length: +3\r\n\r\nabc`],
    ['an empty length', `${head}content-length: \r\n\r\nabc`],
    ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a bare LF after the status line', 'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n'],
    ['a bare LF after a field', `${head}x: y\ncontent-length: 0\r\n\r\n`],
    ['a bare CR in a value', `${head}x: a\rb\r\ncontent-length: 0\r\n\r\n`],
    ['NUL in a value', `${head}x: a\0b\r\ncontent-length: 0\r\n\r\n`],
    ['a control character in a value', `${head}x: a\u0001b\r\ncontent-length: 0\r\n\r\n`],
    ['a folded value', `${head}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`],
    ['a space before the colon', `${head}x : a\r\ncontent-length: 0\r\n\r\n`],
    ['an empty name', `${head}: a\r\ncontent-length: 0\r\n\r\n`],
    ['a line without a colon', `${head}xyz\r\ncontent-length: 0\r\n\r\n`],
    ['a malformed redirection', 'HTTP/1.1 302 Found\r\nLocation\n: /x\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 99 x\r\ncontent-length: 0\r\n\r\n'],
    ['the status 099', 'HTTP/1.1 099 x\r\ncontent-length: 0\r\n\r\n'],
    ['the status 600', 'HTTP/1.1 600 x\r\ncontent-length: 0\r\n\r\n'],
    ['the status 999', 'HTTP/1.1 999 x\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/2.0', 'HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/0.9', 'HTTP/0.9 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['another protocol', 'ICY 200 OK\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['a switch to nothing', `HTTP/1.1 101 Switching Protocols\r\n\r\n${complete}`],
  ])('is refused for %s, and its connection is destroyed', async (_, bytes) => {
    const raw = await listening((connection) => connection.send(bytes));
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.events).toEqual(['error']);
    expect(recorder.error?.code).toBe('ORIGIN_RESPONSE_INVALID');
    await raw.connections[0]?.closed;
  });

  it.each<[string, string]>([
    ['the coding gzip', `${head}transfer-encoding: gzip\r\n\r\nabc`],
    ['the codings gzip, chunked', `${head}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `${head}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ])('is refused for %s, and it is said that this was the reason', async (_, bytes) => {
    const raw = await listening((connection) => connection.send(bytes));
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.events).toEqual(['error']);
    expect(recorder.error?.code).toBe('ORIGIN_CODING_INVALID');
    await raw.connections[0]?.closed;
  });

  it('is refused when its head is longer than allowed', async () => {
    const raw = await listening((connection) => connection.send(`${head}x: ${'a'.repeat(2_000)}\r\n\r\n`));
    const recorder = await fetched(originAt(raw.url, { headBytes: 1_000 }));
    expect(recorder.error?.code).toBe('ORIGIN_HEAD_TOO_LARGE');
  });

  it('is broken off when its trailers are longer than allowed', async () => {
    const trailers = `0\r\nx: ${'a'.repeat(2_000)}\r\n\r\n`;
    const raw = await listening((connection) =>
      connection.send(`${head}transfer-encoding: chunked\r\n\r\n${trailers}`),
    );
    const recorder = await fetched(originAt(raw.url, { headBytes: 1_000 }));
    expect(recorder.events).toEqual(['head', 'error']);
    expect(recorder.error).toMatchObject({
      code: 'ORIGIN_RESPONSE_INVALID',
      detail: 'its trailer section is larger than is allowed',
    });
  });

  it.each<[string, string]>([
    ['a chunk size that is no number', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a chunk size ended by a bare LF', '3\nabc\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
  ])('is broken off for %s', async (_, chunks) => {
    const raw = await listening((connection) => connection.send(`${head}transfer-encoding: chunked\r\n\r\n${chunks}`));
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.events.at(-1)).toBe('error');
    expect(recorder.error?.code).toBe('ORIGIN_CODING_INVALID');
    expect(recorder.error?.cause).toBeInstanceOf(Error);
  });

  it('may be of HTTP/1.0, where the connection ends the content', async () => {
    const raw = await listening((connection) => connection.socket.end('HTTP/1.0 200 OK\r\n\r\nabc'));
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.events).toEqual(['head', 'data', 'end']);
  });
});

describe('an origin that closes its connection', () => {
  const sized = `${head}content-length: 10\r\n\r\n0123456789`;
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n`;

  it.each(Array.from({ length: sized.length }, (_, offset) => offset))(
    'after %i bytes of a response with a length never completes it',
    async (offset) => {
      const raw = await listening((connection) => connection.socket.end(sized.slice(0, offset), 'latin1'));
      const recorder = await fetched(originAt(raw.url, { connections: 1 }));
      const content = Math.max(0, offset - (sized.length - 10));
      expect(recorder.content).toBe('0123456789'.slice(0, content));
      expect(recorder.error?.code).toBe(offset < sized.length - 10 ? 'ORIGIN_BROKEN' : 'ORIGIN_RESPONSE_INCOMPLETE');
      expect(recorder.events).not.toContain('end');
    },
  );

  it.each(Array.from({ length: chunked.length }, (_, offset) => offset))(
    'after %i bytes of a chunked response never completes it',
    async (offset) => {
      const raw = await listening((connection) => connection.socket.end(chunked.slice(0, offset), 'latin1'));
      const recorder = await fetched(originAt(raw.url, { connections: 1 }));
      const inHead = offset < chunked.indexOf('\r\n\r\n') + 4;
      expect('0123456789'.startsWith(recorder.content)).toBe(true);
      expect(recorder.error?.code).toBe(inHead ? 'ORIGIN_BROKEN' : 'ORIGIN_RESPONSE_INCOMPLETE');
      expect(recorder.events).not.toContain('end');
    },
  );

  it.each<[string, string]>([
    ['a length', 'connection: close\r\ncontent-length: 10\r\n\r\n012'],
    ['chunks', 'connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\n012\r\n'],
  ])('as announced, but inside content with %s, breaks it off', async (_, rest) => {
    const raw = await listening((connection) => connection.socket.end(head + rest));
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.content).toBe('012');
    expect(recorder.error?.code).toBe('ORIGIN_RESPONSE_INCOMPLETE');
  });

  it.each<[string, string]>([
    ['without a length', `${head}\r\n012`],
    ['that was to be the last', `${head}connection: close\r\n\r\n012`],
    ['with a length', `${head}content-length: 10\r\n\r\n012`],
    ['in chunks', `${head}transfer-encoding: chunked\r\n\r\n3\r\n012\r\n`],
  ])('with a reset inside a response %s breaks it off (RFC 9112 §8)', async (_, bytes) => {
    const raw = await listening((connection) => connection.send(bytes));
    const recorder = new Recorder();
    originAt(raw.url, { connections: 1 }).request(originRequest(), recorder);
    await recorder.seen('data');
    raw.connections[0]?.socket.resetAndDestroy();
    await recorder.over;
    expect(recorder.error?.code).toBe('ORIGIN_RESPONSE_INCOMPLETE');
    expect(recorder.events).not.toContain('end');
  });

  it('with a reset right behind a response that ends with it breaks that off, and none that has its length', async () => {
    const part = 'HTTP/1.1 206 Partial Content\r\n\r\n012';
    const bytes = [`${head}\r\n012`, part, `${head}content-length: 3\r\n\r\n012`];
    const raw = await listening(({ index, socket }) => {
      socket.write(bytes[index] ?? '', () => socket.resetAndDestroy());
    });
    const origin = originAt(raw.url, { connections: 1 });
    expect((await fetched(origin)).error?.code).toBe('ORIGIN_RESPONSE_INCOMPLETE');
    expect((await fetched(origin)).error?.code).toBe('ORIGIN_RESPONSE_INCOMPLETE');
    const second = await fetched(origin);
    expect([second.content, second.error]).toEqual(['012', undefined]);
  });
});

/** Answers the first request, closes the connection at the second, and answers whatever comes on another one. */
const dyingOnce = (connection: RawConnection, request: number): void => {
  if (connection.index === 0 && request > 1) connection.socket.destroy();
  else connection.send(complete);
};

describe('a kept connection that died', () => {
  it('costs an idempotent request a second attempt', async () => {
    const raw = await listening(dyingOnce);
    const origin = originAt(raw.url, { connections: 1 });
    await fetched(origin);
    const recorder = await fetched(origin, originRequest({ target: '/again' }));
    expect(recorder.events).toEqual(['head', 'data', 'end']);
    expect(raw.connections.map(({ received }) => received.includes('/again'))).toEqual([true, true]);
    expect(origin.stats().active).toBe(0);
  });

  it('fails a request that is not idempotent', async () => {
    const raw = await listening(dyingOnce);
    const origin = originAt(raw.url, { connections: 1 });
    await fetched(origin);
    const recorder = await fetched(origin, originRequest({ method: 'POST' }));
    expect(recorder.error?.code).toBe('ORIGIN_BROKEN');
    expect(raw.connections).toHaveLength(1);
  });

  it('fails a request whose response had begun', async () => {
    const raw = await listening((connection, request) => {
      if (request === 1) connection.send(complete);
      else connection.socket.end('HTTP');
    });
    const origin = originAt(raw.url, { connections: 1 });
    await fetched(origin);
    const recorder = await fetched(origin);
    expect(recorder.error?.code).toBe('ORIGIN_BROKEN');
    expect(raw.connections).toHaveLength(1);
  });

  it('is asked for no third attempt', async () => {
    const raw = await listening((connection, request) => {
      if (connection.index === 0 && request === 1) connection.send(complete);
      else connection.socket.destroy();
    });
    const origin = originAt(raw.url, { connections: 1 });
    await fetched(origin);
    const recorder = await fetched(origin);
    expect(recorder.error?.code).toBe('ORIGIN_BROKEN');
    expect(raw.connections).toHaveLength(2);
  });

  it('is not confused with a fresh one: that is the failure of the origin', async () => {
    const raw = await listening((connection) => connection.socket.destroy());
    const recorder = await fetched(originAt(raw.url, { connections: 1 }));
    expect(recorder.error?.code).toBe('ORIGIN_BROKEN');
    expect(raw.connections).toHaveLength(1);
  });

  it('can be given up between the attempts', async () => {
    const raw = await listening(dyingOnce);
    const origin = originAt(raw.url, { connections: 1 });
    await fetched(origin);
    const recorder = new Recorder();
    const call = origin.request(originRequest(), recorder);
    await raw.connections[0]?.closed;
    call.abort();
    await fetched(origin);
    expect(recorder.events).toEqual([]);
    expect(origin.stats().active).toBe(0);
  });
});

describe('an origin that is not there', () => {
  it('refuses connections', async () => {
    const raw = await rawOrigin();
    await raw.close();
    const origin = originAt(raw.url, { connections: 1 });
    const [first, queued] = await Promise.all([fetched(origin), fetched(origin)]);
    expect(first.error?.code).toBe('ORIGIN_REFUSED');
    expect(first.error?.cause).toMatchObject({ code: 'ECONNREFUSED' });
    expect(first.error?.detail).not.toContain('127.0.0.1');
    expect(queued.error?.code).toBe('ORIGIN_REFUSED');
    expect(origin.stats()).toEqual({ active: 0, queued: 0 });
  });
});

async function tlsOrigin(): Promise<{ url: string; names: string[] }> {
  const names: string[] = [];
  const server = createServer(
    {
      cert: certificate,
      key: certificateKey,
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    },
    (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(complete));
    },
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(async () => {
    server.close();
    await once(server, 'close');
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, names };
}

describe('an origin behind TLS', () => {
  it('is refused when nobody vouches for its certificate', async () => {
    const { url } = await tlsOrigin();
    const recorder = await fetched(originAt(url));
    expect(recorder.error?.code).toBe('ORIGIN_CERTIFICATE_INVALID');
  });

  it.each<[string, Buffer, { code: string; detail: string }]>([
    [
      'ends TLS with an alert',
      Buffer.from([21, 3, 3, 0, 2, 2, 112]),
      { code: 'ORIGIN_TLS_ALERT', detail: 'it ended TLS with the alert "unrecognized name"' },
    ],
    [
      'speaks no TLS',
      Buffer.from(complete),
      { code: 'ORIGIN_TLS_FAILED', detail: 'what it sent is not TLS: perhaps it speaks plain HTTP there' },
    ],
  ])('is said to be one that %s', async (_, bytes, told) => {
    const raw = await listening();
    const over = fetched(originAt(raw.url.replace('http:', 'https:')));
    const connection = await raw.connection(0);
    await connection.until((received) => received !== '');
    connection.socket.end(bytes);
    expect((await over).error).toMatchObject(told);
  });

  it('is known by the name in its URL, whatever Host says, and one connection serves all hosts', async () => {
    const { url, names } = await tlsOrigin();
    const origin = originAt(url, { ca: certificate });
    for (const host of ['shop.test', 'evil.test']) {
      const recorder = await fetched(origin, originRequest({ fields: fieldsOf(['host', host]) }));
      expect(recorder.events).toEqual(['head', 'data', 'end']);
    }
    expect(names).toEqual(['localhost']);
    await origin.close();
  });
});
