import { once } from 'node:events';
import { createServer, request as openRequest } from 'node:http';
import type { Listening } from '../../../src/play/sockets.ts';

/** A proxy of node:http that stores nothing: what the transport must see is on the wire, whoever put it there. */
export async function startRelay({ originUrl }: { readonly originUrl: string }): Promise<Listening> {
  const origin = new URL(originUrl);
  const server = createServer((incoming, outgoing) => {
    outgoing.sendDate = false;
    const forwarded = openRequest({
      host: origin.hostname,
      port: origin.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
      agent: false,
    });
    forwarded.on('information', ({ rawHeaders }) => {
      const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
      outgoing.socket?.write(`HTTP/1.1 103 Early Hints\r\n${lines.join('')}\r\n`);
    });
    forwarded.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 0, response.rawHeaders);
      outgoing.flushHeaders();
      response.on('error', () => outgoing.destroy());
      response.pipe(outgoing);
    });
    forwarded.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
