import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { atEnd } from './proxy-stage.ts';

/** An origin that is asked over TLS, and what it has seen. */
export interface TlsOrigin {
  readonly port: number;
  /** By that name; it is on 127.0.0.1 alone. */
  readonly url: string;
  /** Name in TLS (`''`: none was asked for), Host, and who the client is by its certificate, for each request. */
  readonly seen: readonly { readonly serverName: string; readonly host: string; readonly client: string }[];
  /** How many handshakes have begun. */
  readonly connections: () => number;
  /** What is shown to connections from now on; those that there are end. */
  readonly renew: (options: TlsOptions) => void;
}

/** Begins one on a free port of the loopback address; it ends with the test. */
export async function tlsOrigin(options: TlsOptions, answer: RequestListener): Promise<TlsOrigin> {
  const seen: TlsOrigin['seen'][number][] = [];
  const open = new Set<TLSSocket>();
  let connections = 0;
  const http = createServer((request, response) => {
    const socket = request.socket as TLSSocket;
    const client = [socket.getPeerCertificate().subject?.CN ?? ''].flat().join();
    seen.push({ serverName: socket.servername || '', host: String(request.headers.host), client });
    answer(request, response);
  });
  const server = createTlsServer(options, (socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    http.emit('connection', socket);
  });
  server.on('connection', () => {
    connections++;
  });
  server.on('tlsClientError', () => undefined);
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
  const closeAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  atEnd(() => {
    closeAll();
    server.close();
  });
  const renew: TlsOrigin['renew'] = (next) => {
    server.setSecureContext(next);
    closeAll();
  };
  return { port, url: `https://localhost:${port}`, seen, connections: () => connections, renew };
}
