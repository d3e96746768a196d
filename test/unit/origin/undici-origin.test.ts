import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fieldLines, fieldsOf } from '../../../src/http/fields.ts';
import { originRequest, Recorder } from './recorder.ts';
import { fetched, listening, ok, originAt } from './stage.ts';

describe('the request on the wire', () => {
  it('is the method, target and fields as given, and Connection', async () => {
    const raw = await listening((connection) => connection.send(ok('')));
    const fields = fieldsOf(
      ['host', 'shop.test:81'],
      ['x-a', '1'],
      ['x-a', '2'],
      ['x-b', 'caf\u00e9'],
      ['user-agent', 'x'],
    );
    await fetched(originAt(raw.url), originRequest({ target: '/a/../b?c=%41|', fields }));
    expect(raw.connections[0]?.received).toBe(
      'GET /a/../b?c=%41| HTTP/1.1\r\nhost: shop.test:81\r\nconnection: keep-alive\r\n' +
        'x-a: 1\r\nx-a: 2\r\nx-b: caf\u00e9\r\nuser-agent: x\r\n\r\n',
    );
  });

  it('streams content with the Content-Length it has', async () => {
    const raw = await listening();
    const content = new PassThrough();
    const recorder = new Recorder();
    const fields = fieldsOf(['host', 'a'], ['content-length', '6']);
    originAt(raw.url).request(originRequest({ method: 'POST', fields, content }), recorder);
    content.write('abc');
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('\r\n\r\nabc'));
    content.end('def');
    await connection.until((received) => received.endsWith('abcdef'));
    connection.send(ok('done'));
    await recorder.over;
    expect(connection.received).toContain('content-length: 6\r\n');
    expect(connection.received).not.toContain('transfer-encoding');
    expect(recorder.content).toBe('done');
  });

  it('frames content of unknown length as chunked', async () => {
    const raw = await listening();
    const content = new PassThrough();
    const recorder = new Recorder();
    originAt(raw.url).request(originRequest({ method: 'POST', content }), recorder);
    content.write('abc');
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('3\r\nabc'));
    content.end();
    await connection.until((received) => received.endsWith('3\r\nabc\r\n0\r\n\r\n'));
    connection.send(ok(''));
    await recorder.over;
    expect(connection.received).toContain('transfer-encoding: chunked\r\n');
    expect(recorder.events).toEqual(['head', 'end']);
  });

  it.each(['*', 'admin', '/a b', '/\u0100', ''])('is refused, not crashed on, with the target %j', async (target) => {
    const raw = await listening();
    const recorder = await fetched(originAt(raw.url), originRequest({ target }));
    expect(recorder.error?.code).toBe('REQUEST_MALFORMED');
    expect(raw.connections).toHaveLength(0);
  });

  it('is refused with a field that may not be sent', async () => {
    const raw = await listening();
    const fields = fieldsOf(['host', 'a'], ['x', 'a\r\nb: c']);
    const recorder = await fetched(originAt(raw.url), originRequest({ fields }));
    expect(recorder.error?.code).toBe('REQUEST_MALFORMED');
  });
});

describe('the response', () => {
  it('keeps lines, order and bytes of its fields, without whitespace around values', async () => {
    const raw = await listening((connection) =>
      connection.send(
        'HTTP/1.1 200 Fine\r\nX-A:  caf\u00e9 \t\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    const recorder = await fetched(originAt(raw.url));
    expect(recorder.head).toEqual({
      status: 200,
      fields: fieldsOf(['x-a', 'caf\u00e9'], ['set-cookie', 'a'], ['set-cookie', 'b'], ['content-length', '0']),
    });
  });

  it('may have fields named like properties of an object', async () => {
    const raw = await listening((connection) =>
      connection.send('HTTP/1.1 200 OK\r\n__proto__: 1\r\n__proto__: 2\r\nconstructor: 3\r\ncontent-length: 0\r\n\r\n'),
    );
    const recorder = await fetched(originAt(raw.url));
    expect(fieldLines(recorder.head?.fields ?? fieldsOf(), '__proto__')).toEqual(['1', '2']);
    expect(recorder.events).toEqual(['head', 'end']);
  });

  it('is told in order: interim responses, head, content, end', async () => {
    const raw = await listening((connection) =>
      connection.send(
        'HTTP/1.1 102 Processing\r\n\r\n' +
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n' +
          'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-trailer: dropped\r\n\r\n',
      ),
    );
    const recorder = await fetched(originAt(raw.url));
    expect(recorder.events).toEqual(['interim', 'interim', 'head', 'data', 'end']);
    expect(recorder.interims[1]).toEqual({ status: 103, fields: fieldsOf(['link', '</a>'], ['link', '</b>']) });
    expect(recorder.content).toBe('abc');
  });

  it('reaches the caller piece by piece, before it is complete', async () => {
    const raw = await listening((connection) => connection.send('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc'));
    const recorder = new Recorder();
    originAt(raw.url).request(originRequest(), recorder);
    await recorder.seen('data');
    expect(recorder.content).toBe('abc');
    (await raw.connection(0)).send('def');
    await recorder.over;
    expect(recorder.content).toBe('abcdef');
    expect(recorder.events.at(-1)).toBe('end');
  });

  it('may end with its connection where it has no length', async () => {
    const raw = await listening((connection) => {
      connection.send('HTTP/1.1 200 OK\r\n\r\nabc');
      connection.socket.end();
    });
    const recorder = await fetched(originAt(raw.url));
    expect(recorder.events).toEqual(['head', 'data', 'end']);
  });

  it.each<[string, string, string]>([
    ['304', 'GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n'],
    ['204', 'GET', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n'],
    ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'],
  ])('is complete without content for %s, whatever Content-Length says (RFC 9110 §8.6)', async (_, method, bytes) => {
    const raw = await listening((connection) => connection.send(bytes));
    const recorder = await fetched(originAt(raw.url), originRequest({ method }));
    expect(recorder.events).toEqual(['head', 'end']);
    expect(fieldLines(recorder.head?.fields ?? fieldsOf(), 'content-length')).toEqual(['5']);
  });

  it('does not follow a redirection', async () => {
    const raw = await listening((connection) =>
      connection.send('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n'),
    );
    const recorder = await fetched(originAt(raw.url));
    expect(recorder.head?.status).toBe(302);
    expect(recorder.events).toEqual(['head', 'end']);
  });
});

describe('back-pressure', () => {
  it('stops reading while paused, and loses nothing', async () => {
    const total = 64 * 2 ** 20;
    const raw = await listening((connection, request) => {
      if (connection.index > 0) connection.send(ok('x'));
      else if (request === 1) {
        connection.send(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
        connection.socket.write(Buffer.alloc(total));
      }
    });
    const origin = originAt(raw.url);
    let received = 0;
    const recorder = new Recorder();
    recorder.onData = (chunk) => {
      received += chunk.length;
    };
    const call = origin.request(originRequest(), recorder);
    await recorder.seen('head');
    call.pause();
    // Exchanges on another connection, so that whatever was on its way has come.
    for (let i = 0; i < 50; i++) await fetched(origin);
    const whilePaused = received;
    for (let i = 0; i < 50; i++) await fetched(origin);
    expect(received).toBe(whilePaused);
    expect(received).toBeLessThan(2 ** 20);
    expect(raw.connections[0]?.socket.writableLength).toBeGreaterThan(0);
    call.resume();
    await recorder.over;
    expect(received).toBe(total);
    expect(recorder.events.at(-1)).toBe('end');
  });

  it('can resume one response from inside a piece of another', async () => {
    const raw = await listening((connection) => connection.send(ok('abc')));
    const origin = originAt(raw.url);
    const first = new Recorder();
    const paused = origin.request(originRequest(), first);
    paused.pause();
    await first.seen('head');
    const second = new Recorder();
    second.onData = () => paused.resume();
    origin.request(originRequest(), second);
    await Promise.all([first.over, second.over]);
    expect([first.content, first.events.at(-1), second.events.at(-1)]).toEqual(['abc', 'end', 'end']);
  });

  it('a late resume does not disturb the next request on the connection', async () => {
    const raw = await listening((connection) => connection.send(ok('abc')));
    const origin = originAt(raw.url, { connections: 1 });
    const first = new Recorder();
    const finished = origin.request(originRequest(), first);
    await first.over;
    finished.pause();
    const second = new Recorder();
    const held = origin.request(originRequest(), second);
    held.pause();
    await second.seen('head');
    finished.resume();
    await fetched(originAt(raw.url));
    expect(second.content).toBe('');
    held.resume();
    await second.over;
    expect(second.content).toBe('abc');
  });
});
