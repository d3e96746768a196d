import { describe, expect, it, vi } from 'vitest';
import type { Hit, HitEnd, ResponseSink } from '../../../src/engine/exchange.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { nextTurn, overBothLanes, respond, stage, useHits } from './stage.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';

function hitOf(content: string): Hit {
  return {
    head: { status: 200, fields: fieldsOf(['content-length', String(content.length)]) },
    content: [Buffer.from(content)],
    contentBytes: content.length,
    hold: undefined,
    isRepeated: false,
    serialized: undefined,
  };
}

function times(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Counts who holds something, and writes down how that ended. */
function holding(): { readonly held: { count: number; readonly ends: string[] }; readonly hold: () => HitEnd } {
  const held = { count: 0, ends: [] as string[] };
  const hold = (): HitEnd => {
    held.count++;
    return (end) => {
      held.count--;
      held.ends.push(end);
    };
  };
  return { held, hold };
}

describe('the fast lane', () => {
  it('answers a hit past everything else', async () => {
    const hits = useHits(() => hitOf('from the shelf'));
    const { client, exchanges } = await stage();
    const asking = client();
    asking.send(get);
    await asking.until((received) => received.endsWith('from the shelf'));
    expect(hits).toHaveLength(1);
    expect(exchanges).toHaveLength(0);
  });

  it('gives what it does not read to node:http, and has the connection back after that', async () => {
    const hits = useHits(() => hitOf('hit'));
    const { client, exchanges } = await stage(respond('handled'));
    const asking = client();
    for (const [index, content] of ['handled', 'hit', 'handled', 'hit'].entries()) {
      asking.send(content === 'hit' ? get : post);
      await asking.until((received) => times(received, content) > Math.floor(index / 2));
    }
    expect(hits).toHaveLength(2);
    expect(exchanges).toHaveLength(2);
  });

  it.each([
    ['came in chunks', ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'], 1],
    ['had its head in two pieces', ['GET / HTTP/1.1\r\nHo', 'st: a\r\n\r\n'], 1],
    ['had its content in another piece', [post.slice(0, -2), 'bc'], 1],
    ['came together with another', [post.repeat(2)], 2],
    ['came together with a part of another', [post + post.slice(0, 20), post.slice(20)], 2],
  ])('has the connection back after a message that %s', async (_, pieces, answers) => {
    const hits = useHits(() => hitOf('hit'));
    const { client } = await stage((exchange) => {
      if (exchange.content === null) respond('handled')(exchange);
      else exchange.content.resume().on('end', () => respond('handled')(exchange));
    });
    const asking = client();
    for (const piece of pieces) {
      asking.send(piece);
      for (let turn = 0; turn < 5; turn++) await nextTurn();
    }
    await asking.until((received) => times(received, 'handled') === answers);
    asking.send(get);
    await asking.until((received) => received.endsWith('hit'));
    expect(hits).toHaveLength(1);
  });

  it('leaves the connection to node:http while it has a part of a message', async () => {
    const hits = useHits(() => hitOf('hit'));
    const { client } = await stage(respond('handled'));
    const asking = client();
    asking.send(post + get.slice(0, -1));
    await asking.until((received) => times(received, 'handled') === 1);
    asking.send(get.slice(-1));
    await asking.until((received) => times(received, 'handled') === 2);
    expect(hits).toHaveLength(0);
  });

  it('answers requests that come together one after the other', async () => {
    let count = 0;
    useHits(() => (++count % 2 === 0 ? undefined : hitOf(`hit ${count};`)));
    const { client } = await stage((exchange) => respond(`handled ${count};`)(exchange));
    const asking = client();
    asking.send(get.repeat(4));
    await asking.until((received) => received.endsWith('handled 4;'));
    const order = ['hit 1;', 'handled 2;', 'hit 3;', 'handled 4;'].map((text) => asking.received.indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('holds large content until the client has taken it', async () => {
    const content = 'x'.repeat(2 ** 20);
    const { held, hold } = holding();
    // More than both ends of a connection buffer, in answers that are sent again.
    const hits = useHits(() => ({ ...hitOf(content), hold }));
    const { client } = await stage();
    const asking = client();
    asking.socket.pause();
    const wanted = 16;
    asking.send(get.repeat(wanted));
    while (held.count === 0) await nextTurn();
    expect(hits.length).toBeLessThan(wanted);
    asking.socket.resume();
    await asking.until((received) => received.length > wanted * content.length);
    expect(times(asking.received, 'HTTP/1.1 200 OK')).toBe(wanted);
    while (held.count > 0) await nextTurn();
    expect(held.ends).toEqual(Array.from({ length: wanted }, () => 'complete'));
  });

  it('lets go of it when the client leaves', async () => {
    const { held, hold } = holding();
    useHits(() => ({ ...hitOf('x'.repeat(2 ** 23)), hold }));
    const { client } = await stage();
    const asking = client();
    asking.socket.pause();
    asking.send(get.repeat(4));
    while (held.count === 0) await nextTurn();
    asking.socket.destroy();
    while (held.count > 0) await nextTurn();
    expect(held.ends.at(-1)).toBe('client-left');
  });

  it('ends a connection whose client takes nothing, whatever it sends', async () => {
    // The lane's own clock is moved by hand, while sockets go on in real time.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { held, hold } = holding();
      const hits = useHits(() => ({ ...hitOf('x'.repeat(16_000)), hold }));
      const { client } = await stage(respond('hello'), { clientStallMs: 1_000 });
      const asking = client();
      const ending = { seen: false };
      void asking.closed.then(() => {
        ending.seen = true;
      });
      asking.socket.pause();
      asking.send(get.repeat(1_000));
      while (!ending.seen) {
        asking.send('G');
        vi.advanceTimersByTime(500);
        await nextTurn();
        // Only so is it seen that the connection has ended; what has come is not taken for that.
        if (asking.reset) asking.socket.destroy();
      }
      expect(hits.length).toBeLessThan(1_000);
      expect([held.count, held.ends.at(-1)]).toEqual([0, 'stalled']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('lets a client read as slowly as it likes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const content = 'x'.repeat(2 ** 24);
      const { hold } = holding();
      useHits(() => ({ ...hitOf(content), hold }));
      const { client } = await stage(respond('hello'), { clientStallMs: 3_000 });
      const asking = client();
      asking.send(get);
      for (let wanted = 2 ** 20; wanted < content.length; wanted += 2 ** 20) {
        await asking.until((received) => received.length >= wanted);
        asking.socket.pause();
        vi.advanceTimersByTime(500);
        asking.socket.resume();
      }
      await asking.until((received) => received.length > content.length);
      expect(asking.reset).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for a client that asks for more than it takes', async () => {
    const content = 'x'.repeat(16_000);
    const hits = useHits(() => hitOf(content));
    const { client } = await stage();
    const asking = client();
    asking.socket.pause();
    const wanted = 2_000;
    asking.send(get.repeat(wanted));
    // Until both ends of the connection have buffered what they will.
    for (let quiet = 0, seen = 0; quiet < 50; quiet = hits.length === seen ? quiet + 1 : 0) {
      seen = hits.length;
      await nextTurn();
    }
    expect(hits.length).toBeLessThan(wanted / 2);
    asking.socket.resume();
    await asking.until(
      (received) => received.length > wanted * content.length && times(received, 'HTTP/1.1') === wanted,
    );
    expect(hits).toHaveLength(wanted);
  });
});

overBothLanes(() => {
  describe('a listener that closes', () => {
    it.each([
      ['on a fresh connection', ''],
      ['on one that node:http had before', post],
    ])('lets an answer come to its end, and ends the connection with it: %s', async (_, before) => {
      const sinks: ResponseSink[] = [];
      const { client, listener } = await stage(({ request, sink }) => {
        sink.head({ status: 200, fields: fieldsOf(['content-length', '2']) });
        if (request.method === 'POST') {
          sink.write(Buffer.from('ok'));
          sink.end();
        } else {
          sink.write(Buffer.from('a'));
          sinks.push(sink);
        }
      });
      const asking = client();
      if (before !== '') {
        asking.send(before);
        await asking.until((received) => received.endsWith('ok'));
      }
      asking.send(get);
      await asking.until((received) => received.endsWith('a'));
      const closed = listener.close();
      sinks[0]?.write(Buffer.from('b'));
      sinks[0]?.end();
      await asking.closed;
      await closed;
      expect(asking.received.endsWith('ab')).toBe(true);
      expect(asking.reset).toBe(false);
    });
  });

  describe('a client that has said all', () => {
    it('is answered all of it', async () => {
      const content = 'x'.repeat(6_000);
      const { client } = await stage(respond(content));
      const asking = client();
      asking.socket.pause();
      asking.send(get.repeat(900));
      asking.socket.end();
      asking.socket.resume();
      await asking.closed;
      expect(times(asking.received, 'HTTP/1.1 200')).toBe(900);
    });

    it('still gets what there is for it', async () => {
      const content = 'x'.repeat(2 ** 20);
      const { client } = await stage(respond(content));
      const asking = client();
      asking.send(get);
      asking.socket.end();
      await asking.closed;
      expect(asking.received.endsWith('x')).toBe(true);
      expect(asking.received.length).toBeGreaterThan(content.length);
    });
  });
});
