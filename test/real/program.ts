import { createServer, type RequestListener, type Server } from 'node:http';

/** What a program found: what it measured, or why it could not run here. It throws when a claim does not hold. */
export type Verdict =
  | { readonly kind: 'passed'; readonly figures: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string };

/** One claim about the built proxy, tried with real bytes on real sockets. */
export interface RealProgram {
  readonly claim: string;
  run(): Promise<Verdict>;
}

/** An HTTP server of the program's own, on a free port of the loopback address. */
export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startServer(listener: RequestListener): Promise<TestServer> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 4_096, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws Error with that complaint when the claim does not hold. */
export function claim(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}

/** `12.3 MiB` */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
