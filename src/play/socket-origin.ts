import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eachField, type Fields, fieldsFrom, fieldValue, withLine } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import type { OriginExchange } from './transport.ts';

/** An HTTP server that takes every request down and answers when it is told to. */
export class SocketOrigin {
  readonly arrivals: SocketExchange[] = [];
  readonly #moved: () => void;
  #server: Server | undefined;
  #port = 0;

  /** `moved` is called whenever something has arrived. */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  /** Where it listens, also while it refuses. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The first time on a port of the system's choice unless one is given, and then always on the same. */
  async listen(port = this.#port): Promise<void> {
    const server = createServer({ keepAlive: false, requestTimeout: 0 }, (request, response) => {
      this.arrivals.push(new SocketExchange(request, response, this.#moved));
      this.#moved();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Closes the listening socket; requests under way stay. */
  refuse(): void {
    this.#server?.close();
  }

  close(): void {
    this.refuse();
    for (const arrival of this.arrivals) arrival.breakOff();
  }
}

class SocketExchange implements OriginExchange {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  received = false;
  withdrawn = false;
  readonly #response: ServerResponse;
  readonly #content: Buffer[] = [];
  /** Of the content, where the head announces it. */
  #left = Number.POSITIVE_INFINITY;
  #ended = false;

  constructor(request: IncomingMessage, response: ServerResponse, moved: () => void) {
    this.method = request.method ?? '';
    this.target = request.url ?? '';
    this.fields = fieldsFrom(request.rawHeaders);
    this.#response = response;
    request.on('data', (chunk: Buffer) => this.#content.push(chunk));
    request.on('end', () => {
      this.received = true;
      moved();
    });
    response.on('close', () => {
      // A reader that has all it was promised may close before we say that it was all.
      if (!this.#ended && this.#left > 0) this.withdrawn = true;
      moved();
    });
    response.sendDate = false;
  }

  get content(): Uint8Array {
    return Buffer.concat(this.#content);
  }

  /** Written to the socket itself: node:http can send a 103 with Link only. */
  interim(head: ResponseHead): void {
    const lines = [...eachField(head.fields)].map(([name, value]) => `${name}: ${value}\r\n`);
    this.#response.socket?.write(`HTTP/1.1 ${head.status} \r\n${lines.join('')}\r\n`);
  }

  /**
   * Each response is the last one on its connection: what a cache does with a kept connection that has died is not what a fixture
   * is about.
   */
  head(head: ResponseHead): void {
    this.#left = Number(fieldValue(head.fields, 'content-length') ?? Number.POSITIVE_INFINITY);
    this.#response.writeHead(head.status, [...withLine(head.fields, 'connection', 'close')]);
    this.#response.flushHeaders();
  }

  write(content: Uint8Array): void {
    this.#left -= content.length;
    this.#response.write(content);
  }

  end(): void {
    this.#ended = true;
    this.#response.end();
  }

  breakOff(): void {
    this.#ended = true;
    this.#response.destroy();
  }
}
