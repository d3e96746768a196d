import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenerEvents } from '../engine/events.ts';
import type { RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import { servedMethods } from '../http/problem.ts';
import { EtagereError } from '../errors.ts';
import { fieldsOf } from '../http/fields.ts';
import { Connection } from './connection.ts';
import { Doors } from './doors.ts';
import { FastLane } from './fast-lane.ts';
import { type Admitted, gate } from './gate.ts';
import { locally, refusal } from './raw-response.ts';
import { RequestContent } from './request-content.ts';
import { NodeResponseSink, type SinkParts } from './response-sink.ts';
import type { Patience } from './staged-close.ts';

export interface NodeHttpOptions {
  readonly limits: Limits;
  /** Our name in Cache-Status and Proxy-Status. */
  readonly cacheName: string;
  /** Whether characters that a target may not have are percent-encoded, not refused. */
  readonly encodeTarget?: boolean;
  /** Whether plain requests are answered past node:http. */
  readonly fastLane?: boolean;
  /** Over node:http alone: whether who comes when all places are taken gets that of a connection on which no answer is awaited. */
  readonly idleGiveWay?: boolean;
  /** Over node:http alone: after how long a silence the system asks whether a client is still there, in milliseconds; never, unless said. */
  readonly aliveProbeMs?: number;
  readonly events: ListenerEvents;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** Clients over node:http. */
export interface NodeHttpListener {
  /** Answers the requests of a node:http or node:https server that is not ours; its limits are that server's business. */
  readonly handle: RequestListener;
  /** Connections that are open at its addresses. */
  readonly openConnections: number;
  /** At one more address. Resolves with it, a port 0 replaced by the real one. Rejects with the error of the system. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** At none of the addresses any more; the connections that there are stay. */
  unlisten(): void;
  /**
   * Accepts no more connections, closes the idle ones, and lets what is under way come to its end, for as long as
   * `drainTimeoutMs` says. Resolves when all connections are closed.
   */
  close(): Promise<void>;
}

/** Makes a listener that gives every request that passes the gate to `handler`, and answers all others itself. */
export function createNodeHttpListener(handler: RequestHandler, options: NodeHttpOptions): NodeHttpListener {
  const desk = new Desk(handler, options);
  const server = serverFor(desk, options.limits);
  const handle: RequestListener = (message, response) => desk.accept(message, response, !hasContinued(response));
  if (options.fastLane === true) {
    const { limits, encodeTarget = false } = options;
    const connection = (socket: Socket, onIdle: () => void): Connection => desk.connection(socket, onIdle);
    const lane = new FastLane({ handler, limits, encodeTarget, http: server, connection });
    return {
      handle,
      get openConnections() {
        return lane.openConnections;
      },
      listen: async ({ host, port }) => ({ host, port: await lane.listen(port, host) }),
      unlisten: () => lane.unlisten(),
      close: () => drain(lane, desk, limits.drainTimeoutMs),
    };
  }
  const { clientConnections, drainTimeoutMs } = options.limits;
  const { aliveProbeMs, idleGiveWay = false } = options;
  const keepAlive = aliveProbeMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: aliveProbeMs };
  const enter = (socket: Socket): Socket => {
    server.emit('connection', socket);
    return socket;
  };
  const doors = new Doors(
    clientConnections,
    { allowHalfOpen: true, noDelay: true, ...keepAlive },
    enter,
    () => idleGiveWay && desk.endLongestIdle(),
  );
  return {
    handle,
    get openConnections() {
      return doors.inside;
    },
    listen: async ({ host, port }) => {
      const open = await doors.open(port, host);
      // It begins to look after its time limits when it listens.
      server.emit('listening');
      return { host, port: open };
    },
    unlisten: () => void doors.close(),
    close: () => drain({ close: () => closing(doors, server), destroy: () => desk.destroy() }, desk, drainTimeoutMs),
  };
}

/** Where requests are received. */
class Desk {
  readonly #handler: RequestHandler;
  readonly #limits: Limits;
  readonly #cacheName: string;
  readonly #events: ListenerEvents;
  readonly #patience: Patience;
  readonly #encodeTarget: boolean;
  /** Where idle ones give way: that whose last request came the longest ago is the first. */
  readonly #connections = new Map<Socket, Connection>();
  readonly #idleGiveWay: boolean;
  #draining = false;

  constructor(handler: RequestHandler, options: NodeHttpOptions) {
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
      if (this.#draining && !connection.isLent) connection.close();
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
    this.#draining = true;
    for (const connection of this.#connections.values()) if (!connection.isLent) connection.close();
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

/** Whether node:http has sent 100 by itself, as it does where a server leaves `checkContinue` to it; only this field of its own tells. */
function hasContinued(response: ServerResponse): boolean {
  return Reflect.get(response, '_sent100') === true;
}

function serverFor(desk: Desk, limits: Limits): Server {
  const server = createServer({
    insecureHTTPParser: false,
    // Host is the gate's business, which answers with a problem document.
    requireHostHeader: false,
    maxHeaderSize: limits.clientHeadBytes,
    keepAliveTimeout: limits.clientKeepAliveMs,
    headersTimeout: limits.clientHeadTimeoutMs,
    requestTimeout: Math.max(limits.clientRequestTimeoutMs, limits.clientHeadTimeoutMs),
    connectionsCheckingInterval: Math.min(1_000, limits.clientHeadTimeoutMs),
  });
  // The parser of Node 20 drops the fields beyond its limit and still frames by them: it gets none, and the gate counts.
  server.maxHeadersCount = 0;
  server.on('connection', (socket) => desk.connection(socket));
  server.on('request', (message, response) => desk.accept(message, response, false));
  // Without these, node:http would answer by itself, and take `y 100-continue` for the real thing.
  server.on('checkContinue', (message, response) => desk.accept(message, response, true));
  server.on('checkExpectation', (message, response) => desk.accept(message, response, false));
  // Without a listener for `upgrade`, node:http takes a request with Upgrade for one without (RFC 9110 §7.8).
  server.on('connect', (_, socket) => {
    socket.on('error', () => undefined);
    desk.connection(socket as Socket).fail(new EtagereError('REQUEST_METHOD_REFUSED', 'CONNECT is not served'));
  });
  server.on('clientError', (error, socket) => desk.connection(socket as Socket).fail(error));
  return server;
}

/** What accepts connections. */
interface Accepting {
  close(): Promise<void>;
  destroy(): void;
}

/** Lets what is under way come to its end, or breaks it off when that time is over. */
async function drain(accepting: Accepting, desk: Desk, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => accepting.destroy(), timeoutMs);
  const closed = accepting.close();
  desk.drain();
  await closed;
  clearTimeout(timer);
}

function closing(doors: Doors, server: Server): Promise<void> {
  // It has no address itself, but connections on which nothing is under way, and looks after its time limits.
  server.close();
  return doors.close();
}
