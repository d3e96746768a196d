import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import type { Bridge } from './bridge.ts';
import type { Connection } from './connection.ts';
import { Doors } from './doors.ts';
import { type Lane, LaneConnection } from './lane-connection.ts';
import { PlainRequests } from './plain-requests.ts';
import { Scratch } from './scratch.ts';

export interface FastLaneOptions {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  readonly encodeTarget: boolean;
  /** Answers what the lane does not. It listens nowhere itself. */
  readonly http: HttpServer;
  /** The listener's own view of a connection that node:http has been given. */
  connection(socket: Socket, onIdle: () => void): Connection;
}

/** The sockets of a listener, before node:http: what it does for a plain request costs more than all the rest of a hit. */
export class FastLane implements Lane {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  readonly requests: PlainRequests;
  readonly scratch = new Scratch();
  readonly keepAliveLines: string;
  draining = false;
  tick = 0;
  readonly #options: FastLaneOptions;
  readonly #doors: Doors;
  readonly #connections = new Set<LaneConnection>();
  #watch: NodeJS.Timeout | undefined;

  constructor(options: FastLaneOptions) {
    const { handler, limits, encodeTarget } = options;
    this.#options = options;
    this.handler = handler;
    this.limits = limits;
    this.requests = new PlainRequests(limits, encodeTarget);
    this.keepAliveLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(limits.clientKeepAliveMs / 1000)}\r\n`;
    const socketOptions = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.#doors = new Doors(limits.clientConnections, socketOptions, (accepted) => this.#accept(accepted));
  }

  /** Connections that are open. */
  get openConnections(): number {
    return this.#doors.inside;
  }

  /** At one more address. Resolves with the port. Rejects with the error of the system. */
  async listen(port: number, host: string): Promise<number> {
    const open = await this.#doors.open(port, host);
    if (this.#watch === undefined) {
      // node:http begins to look after its time limits when it listens.
      this.#options.http.emit('listening');
      this.#startWatch();
    }
    return open;
  }

  /** At none of the addresses any more. Connections stay. */
  unlisten(): void {
    void this.#doors.close();
  }

  /** Accepts no more, and ends every connection at the end of what is under way on it. Resolves when all are closed. */
  async close(): Promise<void> {
    this.draining = true;
    const closed = this.#doors.close();
    for (const connection of this.#connections) connection.drain();
    await closed;
    // It has no connection left, but looks after its time limits still.
    this.#options.http.close();
    clearInterval(this.#watch);
  }

  destroy(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }

  bridged(bridge: Bridge, onIdle: () => void): Connection {
    const socket = bridge as unknown as Socket;
    const connection = this.#options.connection(socket, onIdle);
    this.#options.http.emit('connection', socket);
    return connection;
  }

  #accept(accepted: Socket): Socket {
    const connection = new LaneConnection(accepted, this);
    const { socket } = connection;
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    if (this.draining) connection.drain();
    return socket;
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
