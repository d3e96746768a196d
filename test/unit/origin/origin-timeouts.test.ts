import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../../../src/errors.ts';
import { originRequest, Recorder } from './recorder.ts';
import { listening, nextTurn, originAt } from './stage.ts';

/** Undici makes its timers of setTimeout: they are moved by hand, while sockets go on in real time. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterAll(() => {
  vi.useRealTimers();
});

/** Lets time pass, and the event loop turn, until the request is over. */
async function outlast(recorder: Recorder): Promise<void> {
  while (recorder.error === undefined) {
    vi.advanceTimersByTime(500);
    await nextTurn();
  }
}

const impatient = { headTimeoutMs: 2_000, bodyIdleTimeoutMs: 2_000 };

const partial = 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na';

describe('an origin that falls silent', () => {
  it.each<[string, string, ErrorCode]>([
    ['before its head', '', 'ORIGIN_HEAD_TIMEOUT'],
    ['inside its head', 'HTTP/1.1 200 OK\r\n', 'ORIGIN_HEAD_TIMEOUT'],
    ['inside its content', partial, 'ORIGIN_BODY_TIMEOUT'],
  ])('%s is given up, and its connection destroyed', async (_, bytes, code) => {
    const raw = await listening((connection) => connection.send(bytes));
    const recorder = new Recorder();
    originAt(raw.url, impatient).request(originRequest(), recorder);
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('\r\n\r\n'));
    if (code === 'ORIGIN_BODY_TIMEOUT') await recorder.seen('data');
    await outlast(recorder);
    expect(recorder.error?.code).toBe(code);
    await connection.closed;
  });

  it('is not blamed while the caller has paused', async () => {
    const raw = await listening((connection) => connection.send(partial));
    const origin = originAt(raw.url, impatient);
    const paused = new Recorder();
    const call = origin.request(originRequest(), paused);
    call.pause();
    await paused.seen('head');
    const waiting = new Recorder();
    origin.request(originRequest(), waiting);
    await waiting.seen('data');
    await outlast(waiting);
    expect(waiting.error?.code).toBe('ORIGIN_BODY_TIMEOUT');
    expect(paused.error).toBeUndefined();
    call.abort();
  });
});

describe('a request that waits for a connection', () => {
  it('is refused when that takes too long, and is never sent', async () => {
    const raw = await listening();
    const origin = originAt(raw.url, { connections: 1, queueTimeoutMs: 2_000 });
    const first = new Recorder();
    const call = origin.request(originRequest({ target: '/1' }), first);
    const waiting = new Recorder();
    origin.request(originRequest({ target: '/2' }), waiting);
    await outlast(waiting);
    expect(waiting.error?.code).toBe('ORIGIN_BUSY');
    expect(origin.stats()).toEqual({ active: 1, queued: 0 });
    expect(raw.connections.map(({ received }) => received).join('')).not.toContain('/2');
    call.abort();
  });

  it('has all its time again once it is sent', async () => {
    const raw = await listening((connection, request) => {
      if (request === 2) connection.send('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx');
    });
    const origin = originAt(raw.url, { connections: 1, queueTimeoutMs: 2_000 });
    const [first, second] = [new Recorder(), new Recorder()];
    origin.request(originRequest(), first);
    origin.request(originRequest(), second);
    const connection = await raw.connection(0);
    await connection.until((received) => received.endsWith('\r\n\r\n'));
    connection.send('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    await first.over;
    vi.advanceTimersByTime(10_000);
    await second.over;
    expect(second.events).toEqual(['head', 'data', 'end']);
  });
});
