import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { originRequest, Recorder } from './recorder.ts';
import { fetched, listening, nextTurn, ok, originAt } from './stage.ts';

describe('connections', () => {
  it('are kept and used again', async () => {
    const raw = await listening((connection) => connection.send(ok('x')));
    const origin = originAt(raw.url);
    await fetched(origin);
    await nextTurn();
    await fetched(origin);
    expect(raw.connections).toHaveLength(1);
  });

  it('are never more than allowed; what is too much waits in order', async () => {
    const order: string[] = [];
    const raw = await listening((connection) => {
      order.push(/GET (\S+)/.exec(connection.received.slice(connection.received.lastIndexOf('GET')))?.[1] ?? '');
      connection.send(ok('x'));
    });
    const origin = originAt(raw.url, { connections: 1, queue: 4 });
    const recorders = ['/1', '/2', '/3', '/4'].map((target) => fetched(origin, originRequest({ target })));
    expect(origin.stats()).toEqual({ active: 1, queued: 3 });
    await Promise.all(recorders);
    expect(order).toEqual(['/1', '/2', '/3', '/4']);
    expect(raw.connections).toHaveLength(1);
    expect(origin.stats()).toEqual({ active: 0, queued: 0 });
  });

  it('refuses one request more than may wait, and only after request() returned', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1, queue: 1 });
    const calls = [new Recorder(), new Recorder()].map((recorder) => origin.request(originRequest(), recorder));
    const refused = new Recorder();
    origin.request(originRequest(), refused);
    expect(refused.events).toEqual([]);
    await refused.over;
    expect(refused.error?.code).toBe('ORIGIN_BUSY');
    for (const call of calls) call.abort();
  });

  it('a request given up while it waits makes room and is never sent', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1, queue: 1 });
    const first = new Recorder();
    origin.request(originRequest({ target: '/1' }), first);
    const givenUp = new Recorder();
    origin.request(originRequest({ target: '/2' }), givenUp).abort();
    const third = new Recorder();
    origin.request(originRequest({ target: '/3' }), third);
    const connection = await raw.connection(0);
    await connection.until((received) => received.includes('/1'));
    connection.send(ok('x'));
    await first.over;
    await connection.until((received) => received.includes('/3'));
    connection.send(ok('x'));
    await third.over;
    expect(connection.received).not.toContain('/2');
    expect(givenUp.events).toEqual([]);
  });

  it('breaks off what is under way and what waits when it closes, and takes no more', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1 });
    const [first, queued] = [new Recorder(), new Recorder()];
    origin.request(originRequest(), first);
    origin.request(originRequest(), queued);
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('\r\n\r\n'));
    await Promise.all([origin.close(), origin.close()]);
    const late = await fetched(origin);
    expect([first, queued, late].map(({ error }) => error?.code)).toEqual(['CLOSING', 'CLOSING', 'CLOSING']);
    await connection.closed;
    expect(origin.stats()).toEqual({ active: 0, queued: 0 });
  });

  it('takes no request that is made because another was broken off', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1 });
    const [first, again] = [new Recorder(), new Recorder()];
    const told = first.onError.bind(first);
    first.onError = (error): void => {
      told(error);
      origin.request(originRequest(), again);
    };
    origin.request(originRequest(), first);
    await raw.connection(0);
    await origin.close();
    await again.over;
    expect(again.error?.code).toBe('CLOSING');
  });

  it('passes on what comes after a 100 that nobody asked for', async () => {
    const raw = await listening((connection) => connection.send(`HTTP/1.1 100 Continue\r\n\r\n${ok('x')}`));
    const origin = originAt(raw.url, { connections: 1 });
    const answers = [await fetched(origin), await fetched(origin)];
    expect(answers.map(({ events, content }) => [events.join(), content])).toEqual([
      ['head,data,end', 'x'],
      ['head,data,end', 'x'],
    ]);
  });

  it('is destroyed when the origin sends more than its response', async () => {
    const raw = await listening((connection, request) => {
      if (connection.index === 0 && request === 1)
        connection.send(`${ok('x')}HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\npoisoned`);
      else connection.send(ok('y'));
    });
    const origin = originAt(raw.url, { connections: 1 });
    expect((await fetched(origin)).content).toBe('x');
    expect((await fetched(origin)).content).toBe('y');
    expect(raw.connections).toHaveLength(2);
  });
});

describe('abort', () => {
  it('destroys the connection and tells nothing more', async () => {
    const raw = await listening((connection) => connection.send('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'));
    const origin = originAt(raw.url);
    const recorder = new Recorder();
    const call = origin.request(originRequest(), recorder);
    await recorder.seen('data');
    call.abort();
    await (await raw.connection(0)).closed;
    expect(recorder.events).toEqual(['head', 'data']);
    expect(origin.stats().active).toBe(0);
  });

  it.each(['head', 'data', 'end'])('may come from inside a handler, at %s', async (event) => {
    const raw = await listening((connection) => connection.send(ok('abc')));
    const origin = originAt(raw.url);
    const recorder = new Recorder();
    const call = origin.request(originRequest(), recorder);
    const name = `on${event.charAt(0).toUpperCase()}${event.slice(1)}` as 'onHead' | 'onData' | 'onEnd';
    const told = recorder[name].bind(recorder) as (argument?: unknown) => void;
    recorder[name] = (argument?: unknown): void => {
      told(argument);
      call.abort();
    };
    await recorder.seen(event);
    expect((await fetched(origin)).content).toBe('abc');
    expect(recorder.events.at(-1)).toBe(event);
  });

  it('before the connection stands sends nothing', async () => {
    const raw = await listening((connection) => connection.send(ok('x')));
    const origin = originAt(raw.url);
    const recorder = new Recorder();
    origin.request(originRequest({ target: '/given-up' }), recorder).abort();
    await fetched(origin);
    expect(raw.connections.map(({ received }) => received).join('')).not.toContain('given-up');
    expect(recorder.events).toEqual([]);
    await origin.close();
  });

  it('after the end does nothing', async () => {
    const raw = await listening((connection) => connection.send(ok('x')));
    const origin = originAt(raw.url);
    const recorder = new Recorder();
    const call = origin.request(originRequest(), recorder);
    await recorder.over;
    call.abort();
    await nextTurn();
    await fetched(origin);
    expect(raw.connections).toHaveLength(1);
  });
});

describe('content of a request that breaks off', () => {
  it('destroys the connection to the origin and is not the origin’s fault', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1 });
    const content = new PassThrough();
    const recorder = new Recorder();
    const fields = fieldsOf(['host', 'a'], ['content-length', '10']);
    origin.request(originRequest({ method: 'POST', fields, content }), recorder);
    content.write('abc');
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('abc'));
    content.destroy(new Error('the client left'));
    await recorder.over;
    await connection.closed;
    expect(recorder.error?.code).toBe('REQUEST_MALFORMED');
    expect(origin.stats().active).toBe(0);
  });

  it('is noticed even before the request is sent', async () => {
    const raw = await listening();
    const content = new PassThrough();
    content.on('error', () => undefined);
    content.destroy(new Error('the client left'));
    const recorder = await fetched(originAt(raw.url), originRequest({ method: 'POST', content }));
    expect(recorder.error?.code).toBe('REQUEST_MALFORMED');
  });

  it('is noticed without an error of its own', async () => {
    const raw = await listening();
    const content = new PassThrough();
    const recorder = new Recorder();
    originAt(raw.url).request(originRequest({ method: 'POST', content }), recorder);
    content.write('abc');
    await (await raw.connection(0)).until((received) => received.includes('abc'));
    content.destroy();
    await recorder.over;
    expect(recorder.error?.code).toBe('REQUEST_MALFORMED');
  });
});
