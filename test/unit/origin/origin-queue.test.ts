import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RawConnection } from '../../harness/raw-origin.ts';
import type { UndiciOrigin } from '../../../src/origin/undici-origin.ts';
import { originRequest, Recorder } from './recorder.ts';
import { listening, ok, originAt } from './stage.ts';

/** How long something waits is read there: it is moved by hand, while sockets and timers go on in real time. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterAll(() => {
  vi.useRealTimers();
});

const queueTimeoutMs = 60_000;
const longMs = queueTimeoutMs / 20 + 1;

function asked(origin: UndiciOrigin, target: string): Recorder {
  const recorder = new Recorder();
  origin.request(originRequest({ target }), recorder);
  return recorder;
}

const last = ({ received }: RawConnection): string | undefined =>
  /^GET (\S+)/m.exec(received.slice(received.lastIndexOf('GET ')))?.[1];

/** An origin with one connection, which has a request, with these behind it. */
async function queueOf(...targets: readonly string[]): Promise<{
  origin: UndiciOrigin;
  /** Answers what is there; resolves with the target of the next request. */
  next: () => Promise<string | undefined>;
}> {
  const raw = await listening();
  const origin = originAt(raw.url, { connections: 1, queue: 10, queueTimeoutMs });
  for (const target of ['/first', ...targets]) asked(origin, target);
  const connection = await raw.connection(0);
  await connection.until((received) => received.includes('/first'));
  const next = async (): Promise<string | undefined> => {
    const before = connection.received.length;
    connection.send(ok('x'));
    await connection.until((received) => received.length > before && received.endsWith('\r\n\r\n'));
    return last(connection);
  };
  return { origin, next };
}

describe('requests that wait for a connection', () => {
  it('have it in their order as long as the first has not waited for long', async () => {
    const { next } = await queueOf('/1', '/2', '/3');
    vi.advanceTimersByTime(longMs - 1);
    expect([await next(), await next(), await next()]).toEqual(['/1', '/2', '/3']);
  });

  it('have it from the last on when the first has waited for long: who has just come is there still to be answered', async () => {
    const { origin, next } = await queueOf('/1', '/2');
    vi.advanceTimersByTime(longMs);
    asked(origin, '/3');
    expect(await next()).toBe('/3');
    asked(origin, '/4');
    asked(origin, '/5');
    expect([await next(), await next()]).toEqual(['/5', '/4']);
    expect([await next(), await next()]).toEqual(['/2', '/1']);
  });

  it('have it in their order again when those who had waited have gone', async () => {
    const { origin, next } = await queueOf('/1');
    vi.advanceTimersByTime(longMs);
    asked(origin, '/2');
    asked(origin, '/3');
    expect([await next(), await next(), await next()]).toEqual(['/3', '/2', '/1']);
    for (const target of ['/4', '/5']) asked(origin, target);
    expect([await next(), await next()]).toEqual(['/4', '/5']);
  });
});
