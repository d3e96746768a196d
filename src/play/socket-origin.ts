import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eachField, type Fields, fieldsFrom, fieldValue, withLine } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import type { Place } from './place.ts';
import type { OriginExchange } from './transport.ts';

/** Where a fixture gets its requests. */
export interface Reception {
  readonly place: Place;
  readonly arrivals: OriginExchange[];
  /** Called whenever something has arrived. */
  readonly moved: () => void;
}

/** An HTTP server that takes every request down and answers when it is told to. */
export class SocketOrigin {
  readonly #receptionFor: (target: string) => Reception;
  /** The one that listens is the last; those before it may still have connections. */
  readonly #servers: Server[] = [];
  #port = 0;

  /** `receptionFor` says, of a target as the wire has it, whose request it is. */
  constructor(receptionFor: (target: string) => Reception) {
    this.#receptionFor = receptionFor;
  }

  /** Where it listens, also while it refuses. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The first time on a port of the system's choice unless one is given, and then always on the same. */
  async listen(port = this.#port): Promise<void> {
    if (this.#servers.at(-1)?.listening === true) return;
    const server = createServer({ keepAlive: false, requestTimeout: 0 }, (request, response) => {
      const reception = this.#receptionFor(request.url ?? '');
      reception.arrivals.push(new SocketExchange(request, response, reception));
      reception.moved();
    });
    // A head that goes out before its content is written as text, in the socket's encoding: field values are bytes (RFC 9110 §5.5), not UTF-8.
    server.on('connection', (socket) => socket.setDefaultEncoding('latin1'));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#servers.push(server);
  }

  /** Closes the listening socket; requests under way stay. */
  refuse(): void {
    this.#servers.at(-1)?.close();
  }

  /** Cuts whatever is still open. */
  close(): void {
    this.refuse();
    for (const server of this.#servers) server.closeAllConnections();
  }
}

class SocketExchange implements OriginExchange {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  received = false;
  withdrawn = false;
  readonly #place: Place;
  readonly #response: ServerResponse;
  readonly #content: Buffer[] = [];
  /** Of the content, where the head announces it. */
  #left = Number.POSITIVE_INFINITY;
  #ended = false;

  constructor(request: IncomingMessage, response: ServerResponse, { place, moved }: Reception) {
    const target = request.url ?? '';
    this.method = request.method ?? '';
    this.target = place.inward(target) ?? target;
    this.#place = place;
    this.fields = place.inwardRequest(fieldsFrom(request.rawHeaders));
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
    const { fields } = this.#place.outwardHead(head);
    const saysClose = fieldValue(fields, 'connection') === 'close';
    // What node:http would otherwise send in chunks then ends with its connection (RFC 9112 §6.3).
    if (saysClose) this.#response.removeHeader('transfer-encoding');
    this.#response.writeHead(head.status, [...(saysClose ? fields : withLine(fields, 'connection', 'close'))]);
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
