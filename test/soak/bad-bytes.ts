import { connect, type Socket } from 'node:net';
import { host } from './site.ts';

/** How many connections a second. */
const rate = 50;
const mostOpen = 100;

const hostLine = `Host: ${host}\r\n`;
const bad: readonly string[] = [
  `GET / HTTP/1.1\r\n${hostLine}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n${hostLine}\r\n`,
  `GET / HTTP/1.1\r\n${hostLine}${hostLine}\r\n`,
  `GET /a b HTTP/1.1\r\n${hostLine}\r\n`,
  `GET / HTTP/1.1\n${hostLine}\n`,
  `GET / HTTP/1.1\r\n${hostLine} folded\r\n\r\n`,
  `GET / HTTP/1.1\r\n${hostLine}X: ${'x'.repeat(70_000)}\r\n\r\n`,
  `POST / HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\nZ\r\n`,
  `GET http://other.test/ HTTP/1.1\r\n${hostLine}\r\n`,
  `GET / HTTP/1.1\r\n${hostLine}A: \0\r\n\r\n`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  `${'\xff\x00\x7f'.repeat(500)}\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost`,
];

/**
 * Clients that send what is no request: resolves with what ends them. None of it reaches the origin, which holds that itself: nobody there knows such a target.
 */
export function badBytes(ports: readonly number[]): () => void {
  const open = new Set<Socket>();
  let count = 0;
  const timer = setInterval(() => {
    if (open.size >= mostOpen) return;
    const socket = connect({ port: ports[count % ports.length] ?? 0, host: '127.0.0.1' });
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    socket.resume();
    socket.write(bad[count++ % bad.length] ?? '', 'latin1');
  }, 1_000 / rate);
  return () => {
    clearInterval(timer);
    for (const socket of open) socket.destroy();
  };
}
