import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probe } from '../../bench/probe.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers every request with these bytes, and keeps what it was asked. */
async function answering(text: string, then: 'waits' | 'ends' = 'waits'): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('data', (data: Buffer) => {
      asked.push(data.toString());
      if (then === 'ends') socket.end(text);
      else socket.write(text);
    });
    socket.on('error', () => undefined);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return { url: `http://127.0.0.1:${address.port}/a?b`, asked };
}

describe('a probe', () => {
  it('sends the head that it is given, and counts the bytes of the answer', async () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Cache: HIT\r\n\r\nabc';
    const { url, asked } = await answering(text);
    const answer = await probe(url, [['Accept', '*/*']]);
    expect(asked).toEqual([`GET /a?b HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAccept: */*\r\n\r\n`]);
    expect(answer).toMatchObject({ status: 200, bodyBytes: 3, totalBytes: text.length });
    expect(answer.fields.get('x-cache')).toBe('HIT');
  });

  it('knows that a 304 has no content, whatever length it names', async () => {
    const { url } = await answering('HTTP/1.1 304 Not Modified\r\nContent-Length: 1024\r\n\r\n');
    expect(await probe(url, [])).toMatchObject({ status: 304, bodyBytes: 0 });
  });

  it.each([
    ['is cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab', 'are no whole answer'],
    ['is too long', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd', 'are no whole answer'],
    ['does not say how long it is', 'HTTP/1.1 200 OK\r\n\r\nabc', 'an answer without Content-Length'],
  ])('rejects an answer that %s', async (_, text, complaint) => {
    const { url } = await answering(text, 'ends');
    await expect(probe(url, [])).rejects.toThrow(complaint);
  });
});
