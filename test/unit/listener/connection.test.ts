import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../../src/listener/connection.ts';
import type { NodeResponseSink } from '../../../src/listener/response-sink.ts';

const headTimeoutMs = 1_000;

const timeout = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** A connection to which requests come that are answered when the test says so. */
function connected(): {
  readonly connection: Connection;
  readonly refused: string[];
  arrive: (isComplete?: boolean) => void;
  answerNext: () => void;
} {
  const refused: string[] = [];
  const answers: EventEmitter[] = [];
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, taken) => taken() });
  const connection = new Connection(socket as Socket, {
    cacheName: 'etagere',
    events: { requestRefused: ({ error }) => void refused.push(error) },
    patience: { stallMs: 60_000, lingerMs: 60_000 },
    headTimeoutMs,
  });
  return {
    connection,
    refused,
    arrive(isComplete = true) {
      const message = { method: 'POST', headers: {}, complete: isComplete } as IncomingMessage;
      const begin = (): void => {
        const response = new EventEmitter();
        answers.push(response);
        const sink = { leave: () => undefined } as Partial<NodeResponseSink> as NodeResponseSink;
        connection.open({ message, response: response as ServerResponse, sink });
      };
      connection.inTurn({ message, begin });
    },
    answerNext: () => void answers.shift()?.emit('close'),
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a request whose rest is not read, as many wait before it', () => {
  it('has the time that any request has from when reading goes on', () => {
    const { connection, refused, arrive, answerNext } = connected();
    for (let count = 0; count < 17; count++) arrive();
    connection.fail(timeout);
    for (let count = 0; count < 17; count++) answerNext();
    vi.advanceTimersByTime(headTimeoutMs - 1);
    expect(refused).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(refused).toEqual(['REQUEST_TIMEOUT']);
  });

  it.each([
    ['its head', true],
    ['its content, which has a limit of its own', false],
  ])('is not refused where that brings %s', (_, isHead) => {
    const { connection, refused, arrive, answerNext } = connected();
    for (let count = 0; count < 16; count++) arrive();
    arrive(isHead);
    connection.fail(timeout);
    for (let count = 0; count < 17; count++) answerNext();
    if (isHead) arrive();
    vi.advanceTimersByTime(headTimeoutMs);
    expect(refused).toEqual([]);
  });

  it('is refused at once where fewer wait', () => {
    const { connection, refused, arrive, answerNext } = connected();
    for (let count = 0; count < 16; count++) arrive();
    connection.fail(timeout);
    for (let count = 0; count < 16; count++) answerNext();
    expect(refused).toEqual(['REQUEST_TIMEOUT']);
  });
});
