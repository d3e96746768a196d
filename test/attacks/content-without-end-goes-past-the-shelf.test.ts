import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { onShelves, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const chunkBytes = 64 * 2 ** 10;
const chunks = 512;

const chunk = (index: number): string => String.fromCharCode(97 + (index % 26)).repeat(chunkBytes);

function sumOfAll(): string {
  const sum = createHash('sha256');
  for (let index = 0; index < chunks; index++) sum.update(chunk(index));
  return sum.digest('hex');
}

/** Sends content of unknown length, 16 times what memory has, as fast as it is taken. */
async function sendLong({ connection: { socket } }: SeenRequest): Promise<undefined> {
  socket.write('HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let index = 0; index < chunks && !socket.destroyed; index++) {
    if (!socket.write(`${chunkBytes.toString(16)}\r\n${chunk(index)}\r\n`)) await once(socket, 'drain');
  }
  socket.end('0\r\n\r\n');
  return undefined;
}

/** Asks by HTTP/1.0, so that content is what is behind the head, to the end. */
async function read(port: number, target: string): Promise<{ head: string; bytes: number; sum: string }> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(`GET ${target} HTTP/1.0\r\nHost: shop.test\r\n\r\n`);
  const sum = createHash('sha256');
  let head = '';
  let bytes = 0;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    let rest = piece;
    if (!head.includes('\r\n\r\n')) {
      head += piece.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      rest = end === -1 ? Buffer.alloc(0) : Buffer.from(head.slice(end + 4), 'latin1');
      if (end !== -1) head = head.slice(0, end + 4);
    }
    bytes += rest.length;
    sum.update(rest);
  }
  return { head, bytes, sum: sum.digest('hex') };
}

overBothLanes(() => {
  onShelves(['memory', 'disk'], (shelf) => {
    test('every byte reaches the client, nothing of it stays, and what is stored stays', async () => {
      const stage = await proxyStage(
        (request) =>
          request.target === '/long'
            ? sendLong(request)
            : responseWith(describedContent({ url: request.target, variant: '', user: '', generation: 1 }), [
                'Cache-Control: max-age=600',
              ]),
        { memory: '2mb', ...(shelf === 'disk' && { disk: '16mb' }) },
      );
      await stage.get('/small');
      const first = await read(stage.port, '/long');
      expect(first.head).toMatch(/^HTTP\/1\.1 200 /);
      expect([first.bytes, first.sum]).toEqual([chunks * chunkBytes, sumOfAll()]);
      const small = await stage.get('/small');
      expect(describedBy(small.content).url).toBe('/small');
      expect(small.field('cache-status')).toContain('; hit');
      const again = await read(stage.port, '/long');
      expect(again.head).toContain('fwd=uri-miss');
      expect(again.sum).toBe(first.sum);
      expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/small', '/long', '/long']);
    });
  });
});
