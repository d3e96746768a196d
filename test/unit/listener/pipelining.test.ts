import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { afterwards, hellos, nextTurn, overBothLanes, respond, type Stage, stage } from './stage.ts';

/** None of them is plain enough for the fast lane. */
const safe = 'OPTIONS /b HTTP/1.1\r\nHost: a\r\n\r\n';
/** One of them that takes its place: what is left unread is told in bytes. */
const long = `OPTIONS /${'b'.repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';
const longContent = 'x'.repeat(40_000);
const longPost = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${longContent.length}\r\n\r\n${longContent}`;

/** The connections on which node:http has got a request, as it sees them. */
function watchConnections(): ReadonlySet<Socket> {
  const seen = new Set<Socket>();
  const note = (message: unknown): void => void seen.add((message as { readonly socket: Socket }).socket);
  subscribe('http.server.request.start', note);
  afterwards(async () => {
    unsubscribe('http.server.request.start', note);
  });
  return seen;
}

/** Resolves when the figure has not changed for many turns of the event loop. */
async function untilQuiet(figure: () => number): Promise<void> {
  for (let quiet = 0, seen = figure(); quiet < 50; quiet = figure() === seen ? quiet + 1 : 0) {
    seen = figure();
    await nextTurn();
  }
}

/** A stage that answers nothing until it is told to, and what it is told by. */
async function waiting(): Promise<Stage & { answerAll: () => void }> {
  let mayAnswer = false;
  const answer = respond('hello');
  const made = await stage((exchange: Exchange) => {
    if (mayAnswer) answer(exchange);
  });
  const answerAll = (): void => {
    mayAnswer = true;
    made.exchanges.slice().forEach(answer);
  };
  return { ...made, answerAll };
}

overBothLanes(() => {
  describe('requests that follow one another without waiting', () => {
    it.each([
      ['one that is not safe', post],
      ['one with content that nobody reads', longPost],
      ['safe ones', safe.repeat(64)],
    ])('are left unread while many wait behind %s, and all answered after that', async (_, first) => {
      const connections = watchConnections();
      const { client, exchanges, answerAll } = await waiting();
      const asking = client();
      const count = 2_000;
      asking.send(first + long.repeat(count));
      while (exchanges.length === 0) await nextTurn();
      const [connection] = connections;
      const bytesRead = (): number => connection?.bytesRead ?? Number.NaN;
      await untilQuiet(bytesRead);
      // Some pieces of 64 KiB.
      expect(bytesRead()).toBeLessThan((long.length * count) / 2);
      answerAll();
      await asking.until(hellos(count + (first.startsWith('POST') ? 1 : 64)));
    });

    it('are begun up to a number at once, and each in its turn', async () => {
      const { client, exchanges, answerAll } = await waiting();
      const asking = client();
      asking.send(safe.repeat(200));
      while (exchanges.length < 64) await nextTurn();
      await untilQuiet(() => exchanges.length);
      expect(exchanges).toHaveLength(64);
      answerAll();
      await asking.until(hellos(200));
    });

    it('leave nothing on their connection when they are answered, and little before that', async () => {
      const connections = watchConnections();
      const content = 'x'.repeat(200_000);
      const { client, exchanges } = await stage(() => undefined);
      const asking = client();
      asking.send(safe);
      while (exchanges.length === 0) await nextTurn();
      const [connection] = connections;
      const listeners = (): number => connection?.listenerCount('close') ?? Number.NaN;
      const before = listeners();
      asking.send(safe.repeat(39));
      while (exchanges.length < 40) await nextTurn();
      asking.socket.pause();
      exchanges.forEach(respond(content));
      expect(listeners()).toBe(before + 1);
      asking.socket.resume();
      await asking.until((received) => received.length > exchanges.length * content.length);
      await untilQuiet(listeners);
      expect(listeners()).toBeLessThanOrEqual(before);
    });
  });
});
