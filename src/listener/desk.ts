import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerEvents } from '../engine/events.ts';
import type { RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import type { EtagereError } from '../errors.ts';
import { fieldsOf } from '../http/fields.ts';
import { servedMethods } from '../http/problem.ts';
import { Connection } from './connection.ts';
import { type Admitted, gate } from './gate.ts';
import { locally, refusal } from './raw-response.ts';
import { RequestContent } from './request-content.ts';
import { NodeResponseSink, type SinkParts } from './response-sink.ts';
import type { Patience } from './staged-close.ts';

export interface DeskOptions {
  readonly limits: Limits;
  /** Our name in Cache-Status and Proxy-Status. */
  readonly cacheName: string;
  /** Whether characters that a target may not have are percent-encoded, not refused. */
  readonly encodeTarget?: boolean;
  /** Whether who comes when all places are taken gets that of a connection on which no answer is awaited. */
  readonly idleGiveWay?: boolean;
  readonly events: ListenerEvents;
}

/** Where the requests are received that node:http has read. */
export class Desk {
  readonly #handler: RequestHandler;
  readonly #limits: Limits;
  readonly #cacheName: string;
  readonly #events: ListenerEvents;
  readonly #patience: Patience;
  readonly #encodeTarget: boolean;
  /** Where idle ones give way: that whose last request came the longest ago is the first. */
  readonly #connections = new Map<Socket, Connection>();
  readonly #idleGiveWay: boolean;
  #draining: 'no' | 'with the next answer' | 'now' = 'no';

  constructor(handler: RequestHandler, options: DeskOptions) {
    this.#handler = handler;
    this.#limits = options.limits;
    this.#cacheName = options.cacheName;
    this.#events = options.events;
    const { clientStallMs, clientHeadTimeoutMs } = options.limits;
    this.#patience = { stallMs: clientStallMs, lingerMs: clientHeadTimeoutMs };
    this.#encodeTarget = options.encodeTarget ?? false;
    this.#idleGiveWay = options.idleGiveWay ?? false;
  }

  /** @param onIdle Of who lends the socket for a while, and ends it himself. */
  connection(socket: Socket, onIdle?: () => void): Connection {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      // node:http writes a head that goes out before its content in the socket's own encoding: field values are bytes (RFC 9110 §5.5).
      socket.setDefaultEncoding('latin1');
      connection = new Connection(socket, {
        cacheName: this.#cacheName,
        events: this.#events,
        patience: this.#patience,
        headTimeoutMs: this.#limits.clientHeadTimeoutMs,
        onIdle,
      });
      this.#connections.set(socket, connection);
      socket.once('close', () => this.#connections.delete(socket));
      if (this.#draining !== 'no') this.#drain(connection);
    }
    return connection;
  }

  /** @param mayContinue Whether it is left to us to answer `Expect: 100-continue`. */
  accept(message: IncomingMessage, response: ServerResponse, mayContinue: boolean): void {
    const { socket } = message;
    const connection = this.connection(socket);
    if (this.#idleGiveWay && this.#connections.delete(socket)) this.#connections.set(socket, connection);
    connection.inTurn({ message, begin: () => this.#admit(message, response, mayContinue) });
  }

  /** Closes every connection at the end of what is under way on it. */
  drain(): void {
    this.#draining = 'now';
    for (const connection of this.#connections.values()) this.#drain(connection);
  }

  /** Closes every connection with the answer to its next request. */
  retire(): void {
    this.#draining = 'with the next answer';
    for (const connection of this.#connections.values()) this.#drain(connection);
  }

  /**
   * Ends a connection on which no answer is awaited; whether there was one. First those between two requests, as whoever has yet to send one, or half of one, is about to;
   * of each kind the one that has been without a request the longest.
   */
  endLongestIdle(): boolean {
    const mayEnd = [...this.#connections.values()].filter(({ idle, socket }) => idle && !socket.destroyed);
    const leaving = mayEnd.find(({ isBetweenRequests }) => isBetweenRequests) ?? mayEnd[0];
    leaving?.socket.destroy();
    return leaving !== undefined;
  }

  destroy(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #drain(connection: Connection): void {
    if (connection.isLent) return;
    if (this.#draining === 'now') connection.close();
    else connection.retire();
  }

  #admit(message: IncomingMessage, response: ServerResponse, mayContinue: boolean): void {
    const connection = this.connection(message.socket);
    const gated = gate(
      {
        method: message.method ?? '',
        target: message.url ?? '',
        version: message.httpVersion,
        fields: message.rawHeaders,
        scheme: connection.scheme,
        localAuthority: connection.localAuthority,
        encodeTarget: this.#encodeTarget,
      },
      this.#limits,
    );
    if (!gated.ok) this.#refuse(message, response, gated.error);
    else if (gated.request.target === '*') this.#answerForServer(message, response, gated);
    else this.#hand(message, response, gated, mayContinue);
  }

  #hand(message: IncomingMessage, response: ServerResponse, gated: Admitted, mayContinue: boolean): void {
    const { content, sink } = this.#reception(message, response, gated, mayContinue);
    const client = { address: message.socket.remoteAddress ?? '' };
    this.#handler.handle({ request: gated.request, content, client, sink });
  }

  #refuse(message: IncomingMessage, response: ServerResponse, error: EtagereError): void {
    const connection = this.connection(message.socket);
    connection.stop();
    connection.report(error);
    const sink = this.#sink({ message, response, content: null, closesUnread: false, last: true });
    const { head, content } = refusal(error, this.#cacheName);
    sink.head(head);
    sink.write(content);
    sink.end();
  }

  /** `OPTIONS *` asks about the server as a whole (RFC 9110 §9.3.7), and that is us. */
  #answerForServer(message: IncomingMessage, response: ServerResponse, gated: Admitted): void {
    const { sink } = this.#reception(message, response, gated, true);
    sink.head(
      locally({ status: 204, fields: fieldsOf(['allow', servedMethods]) }, this.#cacheName, 'options-of-server'),
    );
    sink.end();
  }

  #reception(
    message: IncomingMessage,
    response: ServerResponse,
    gated: Admitted,
    mayContinue: boolean,
  ): { content: RequestContent | null; sink: NodeResponseSink } {
    const { clientDrainBytes, clientContentBytes, clientContentIdleMs } = this.#limits;
    const { contentLength } = gated;
    const connection = this.connection(message.socket);
    const awaitsContinue = gated.awaitsContinue && mayContinue;
    // 100 is sent when somebody reads and not before: a client that gets its answer without need not send its content.
    const onFirstRead = (): void => {
      if (awaitsContinue && !response.headersSent) response.writeContinue();
    };
    const content =
      contentLength === 0
        ? null
        : new RequestContent(message, {
            isComplete: () => message.complete,
            drainBytes: clientDrainBytes,
            maxBytes: clientContentBytes,
            idleMs: clientContentIdleMs,
            onFirstRead,
            onFault: (error) => connection.fail(error),
          });
    const closesUnread = awaitsContinue || (contentLength !== 'chunked' && contentLength > clientDrainBytes);
    // The parser throws away what comes in one piece with a request that asks for an upgrade: the rest would be read askew.
    const last = gated.asksForUpgrade;
    if (last) connection.stop();
    return { content, sink: this.#sink({ message, response, content, closesUnread, last }) };
  }

  #sink(parts: Omit<SinkParts, 'version' | 'lingerMs' | 'connection'>): NodeResponseSink {
    const { message, response } = parts;
    const connection = this.connection(message.socket);
    const version = message.httpVersion === '1.0' ? '1.0' : '1.1';
    const sink = new NodeResponseSink({ ...parts, version, connection, lingerMs: this.#patience.lingerMs });
    connection.open({ message, response, sink });
    return sink;
  }
}
