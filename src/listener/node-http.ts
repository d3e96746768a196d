import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import { EtagereError } from '../errors.ts';
import type { Certificate } from './certificates.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { Doors } from './doors.ts';
import { FastLane } from './fast-lane.ts';
import type { Lane } from './lane.ts';
import { SecureLane } from './secure-lane.ts';

export interface NodeHttpOptions extends DeskOptions {
  /** Whether plain requests are answered past node:http. */
  readonly fastLane?: boolean;
  /** Over node:http alone: after how long a silence the system asks whether a client is still there, in milliseconds; never, unless said. */
  readonly aliveProbeMs?: number;
  /** For addresses of https. None: there are no such. */
  readonly certificates?: readonly Certificate[];
  /** Is told of each connection that was closed without an answer, as there were `clientConnections`. */
  readonly onTurnedAway?: () => void;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** By default http. */
  readonly scheme?: 'http' | 'https';
}

/** Clients over node:http. */
export interface NodeHttpListener {
  /** Answers the requests of a node:http or node:https server that is not ours; its limits are that server's business. */
  readonly handle: RequestListener;
  /** Connections that are open at its addresses. */
  readonly openConnections: number;
  /** At one more address. Resolves with it, a port 0 replaced by the real one. Rejects with the error of the system. */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** Shows these certificates from now on; connections that there are go on. */
  certify(certificates: readonly Certificate[]): void;
  /** At none of the addresses any more; the connections that there are stay. */
  unlisten(): void;
  /** Has whoever connects wait, unread, until `admit`, but no longer than `clientHeadTimeoutMs`: then the connection is closed. Those that are open go on. */
  hold(): void;
  admit(): void;
  /**
   * Accepts no more connections, and lets each that is there end with the answer to its next request, which says so, or when it has been idle for `clientKeepAliveMs`: no client finds it closed
   * under a request. Resolves when all are closed.
   */
  retire(): Promise<void>;
  /**
   * Accepts no more connections, closes the idle ones, and lets what is under way come to its end, for as long as
   * `drainTimeoutMs` says. Resolves when all connections are closed.
   */
  close(): Promise<void>;
}

/** Makes a listener that gives every request that passes the gate to `handler`, and answers all others itself. */
export function createNodeHttpListener(handler: RequestHandler, options: NodeHttpOptions): NodeHttpListener {
  const { limits, encodeTarget = false, idleGiveWay = false, aliveProbeMs, certificates = [] } = options;
  const desk = new Desk(handler, options);
  const server = serverFor(desk, limits);
  const handle: RequestListener = (message, response) => desk.accept(message, response, !hasContinued(response));
  const isSecure = certificates.length > 0;
  const lane =
    options.fastLane === true
      ? new FastLane({ handler, limits, encodeTarget, isSecure, http: server, desk })
      : new NodeHttpLane(server, desk);
  const keepAlive = aliveProbeMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: aliveProbeMs };
  const doors = new Doors({
    maxConnections: limits.clientConnections,
    holdMs: limits.clientHeadTimeoutMs,
    socket: { allowHalfOpen: true, noDelay: true, ...keepAlive },
    makeRoom: () => idleGiveWay && desk.endLongestIdle(),
    onTurnedAway: options.onTurnedAway,
  });
  const refuse = (plain: Socket, error: EtagereError): void => desk.connection(plain).fail(error);
  const secure = isSecure ? new SecureLane(handler, { ...options, certificates, refuse }, lane) : undefined;
  const lanes: readonly Lane[] = secure === undefined ? [lane] : [lane, secure];
  return {
    handle,
    get openConnections() {
      return doors.inside;
    },
    listen: async ({ host, port, scheme = 'http' }) => {
      const taking = scheme === 'https' ? secure : lane;
      if (taking === undefined) throw new Error('there is no certificate');
      const open = await doors.open(port, host, (accepted) => taking.enter(accepted));
      for (const each of lanes) each.begin();
      return { host, port: open, scheme };
    },
    certify: (next) => secure?.certify(next),
    unlisten: () => void doors.close(),
    hold: () => doors.hold(),
    admit: () => doors.admit(),
    retire: async () => {
      const left = doors.close();
      for (const each of lanes) each.retire();
      await left;
    },
    close: async () => {
      const timer = setTimeout(() => {
        for (const each of lanes) each.destroy();
      }, limits.drainTimeoutMs);
      const left = doors.close();
      // To close a connection of which something is unread is to reset it: requests that are here already are answered, as the last.
      for (const each of lanes) each.retire();
      await turnsToRead();
      for (const each of lanes) each.drain();
      await left;
      clearTimeout(timer);
      for (const each of lanes) each.end();
    },
  };
}

/** Resolves when whatever had reached this machine before has been read: one whole turn of the event loop lies between. */
async function turnsToRead(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** Connections that node:http has from their beginning. */
class NodeHttpLane implements Lane {
  readonly #server: Server;
  readonly #desk: Desk;

  constructor(server: Server, desk: Desk) {
    this.#server = server;
    this.#desk = desk;
  }

  begin(): void {
    // It begins to look after its time limits when it listens.
    this.#server.emit('listening');
  }

  enter(accepted: Socket): Socket {
    this.#server.emit('connection', accepted);
    // It was accepted paused.
    accepted.resume();
    return accepted;
  }

  retire(): void {
    this.#desk.retire();
  }

  drain(): void {
    // Not by node:http, which takes a connection for idle as soon as its answer is complete, sent or not, and destroys it.
    this.#desk.drain();
  }

  destroy(): void {
    this.#desk.destroy();
  }

  end(): void {
    this.#server.close();
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
