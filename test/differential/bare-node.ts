import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server of node:http with nothing around it, as it is out of the box but for its time limits. */
export interface BareNode {
  readonly port: number;
  close(): Promise<void>;
}

/** Begins one on a free port of the loopback address. It answers each request with what it takes it for, once its content is whole. */
export async function bareNode(): Promise<BareNode> {
  const limits = {
    headersTimeout: 3_000,
    requestTimeout: 3_000,
    keepAliveTimeout: 500,
    connectionsCheckingInterval: 100,
  };
  const server = createServer({ insecureHTTPParser: false, ...limits }, (message, response) => {
    // Content that breaks off has its answer from node:http itself.
    answer(message, response).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
  message.setEncoding('latin1');
  const content = await text(message);
  response.end(`${message.method ?? ''} ${message.url ?? ''} ${content}`.trimEnd(), 'latin1');
}
