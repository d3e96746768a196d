import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import type { Bridge } from './bridge.ts';
import type { Connection } from './connection.ts';
import type { Desk } from './desk.ts';
import type { Lane } from './lane.ts';
import { LaneConnection, type LaneConnections } from './lane-connection.ts';
import { PlainRequests } from './plain-requests.ts';
import { Scratch } from './scratch.ts';

export interface FastLaneOptions {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  readonly encodeTarget: boolean;
  /** Whether there will be connections under TLS. */
  readonly isSecure: boolean;
  /** Answers what the lane does not. It listens nowhere itself. */
  readonly http: HttpServer;
  /** Has the listener's own view of a connection that node:http has been given; and of those of servers that are not ours. */
  readonly desk: Pick<Desk, 'connection' | 'retire' | 'drain'>;
}

/** The sockets of a listener, before node:http: what it does for a plain request costs more than all the rest of a hit. */
export class FastLane implements Lane, LaneConnections {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  readonly requests: LaneConnections['requests'];
  readonly scratch = new Scratch();
  readonly keepAliveLines: string;
  draining = false;
  endsIdle = false;
  tick = 0;
  readonly #options: FastLaneOptions;
  readonly #connections = new Set<LaneConnection>();
  #watch: NodeJS.Timeout | undefined;

  constructor(options: FastLaneOptions) {
    const { handler, limits, encodeTarget } = options;
    this.#options = options;
    this.handler = handler;
    this.limits = limits;
    // Which of the two there will be more of nobody knows.
    const share = options.isSecure ? { ...limits, knownHeadBytes: limits.knownHeadBytes / 2 } : limits;
    this.requests = {
      http: new PlainRequests(share, encodeTarget, 'http'),
      https: new PlainRequests(share, encodeTarget, 'https'),
    };
    this.keepAliveLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(limits.clientKeepAliveMs / 1000)}\r\n`;
  }

  begin(): void {
    if (this.#watch !== undefined) return;
    // node:http begins to look after its time limits when it listens.
    this.#options.http.emit('listening');
    this.#startWatch();
  }

  enter(accepted: Socket): Socket {
    const connection = new LaneConnection(accepted, this);
    const { socket } = connection;
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    if (this.draining) connection.drain();
    return socket;
  }

  retire(): void {
    this.draining = true;
    for (const connection of this.#connections) connection.drain();
    this.#options.desk.retire();
  }

  drain(): void {
    this.draining = true;
    this.endsIdle = true;
    for (const connection of this.#connections) connection.drain();
    this.#options.desk.drain();
  }

  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  end(): void {
    // It has no connection left, but looks after its time limits still.
    this.#options.http.close();
    clearInterval(this.#watch);
  }

  bridged(bridge: Bridge, onIdle: () => void): Connection {
    const socket = bridge as unknown as Socket;
    const connection = this.#options.desk.connection(socket, onIdle);
    this.#options.http.emit('connection', socket);
    return connection;
  }

  #startWatch(): void {
    const { clientKeepAliveMs, clientHeadTimeoutMs, clientStallMs } = this.limits;
    const tickMs = Math.min(1_000, clientKeepAliveMs, clientHeadTimeoutMs, clientStallMs);
    const ticks = {
      keepAlive: clientKeepAliveMs / tickMs,
      head: clientHeadTimeoutMs / tickMs,
      stall: clientStallMs / tickMs,
    };
    this.#watch = setInterval(() => {
      this.tick++;
      for (const connection of this.#connections) connection.watch(ticks);
    }, tickMs);
    this.#watch.unref();
  }
}
