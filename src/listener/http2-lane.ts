import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Limits } from '../engine/limits.ts';
import { Http2Connection, type Http2Parts } from './http2-connection.ts';
import type { Lane } from './lane.ts';

/** How often it is looked at what has come over a connection. */
const lookMs = 1_000;

/** What a field takes in the size of a header list beside its name and value (RFC 9113 §6.5.2). */
const fieldOverhead = 32;

/** Pseudo-header fields of a request. */
const pseudoFields = 4;

/** In MiB, what the library may hold for one connection: the tables of HPACK, heads, and frames that wait for the client. */
const sessionMemory = 2;

/** Frames that are not valid, and streams beyond those that are allowed, until a connection ends. */
const maxInvalidFrames = 100;

/** Connections over HTTP/2 (RFC 9113), behind TLS. */
export class Http2Lane implements Lane {
  readonly #parts: Http2Parts;
  readonly #server: Http2Server;
  readonly #connections = new Set<Http2Connection>();
  /** The one whose session is being made. */
  #entering: Socket | undefined;
  #draining: 'no' | 'with the next answer' | 'now' = 'no';
  #watch: NodeJS.Timeout | undefined;

  constructor(parts: Http2Parts) {
    this.#parts = parts;
    this.#server = serverFor(parts.limits);
    this.#server.on('session', (session) => this.#take(session));
    this.#server.on('sessionError', () => undefined);
  }

  begin(): void {
    this.#watch ??= setInterval(() => {
      for (const connection of this.#connections) connection.look();
    }, lookMs).unref();
  }

  enter(accepted: Socket): Socket {
    this.#entering = accepted;
    this.#server.emit('connection', accepted);
    this.#entering = undefined;
    return accepted;
  }

  retire(): void {
    this.#draining = 'with the next answer';
    for (const connection of this.#connections) connection.retire();
  }

  drain(): void {
    this.#draining = 'now';
    for (const connection of this.#connections) connection.drain();
  }

  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  end(): void {
    clearInterval(this.#watch);
  }

  #take(session: ServerHttp2Session): void {
    const socket = this.#entering;
    if (socket === undefined) return;
    const connection = new Http2Connection(session, socket, this.#parts);
    this.#connections.add(connection);
    session.once('close', () => this.#connections.delete(connection));
    if (this.#draining === 'now') connection.drain();
    else if (this.#draining !== 'no') connection.retire();
  }
}

function serverFor({ clientStreams, clientHeadBytes, clientFieldLines }: Limits): Http2Server {
  return createServer({
    settings: {
      maxConcurrentStreams: clientStreams,
      // A little more than the gate lets pass: what is refused there has an answer, beyond it the stream is just reset.
      maxHeaderListSize: clientHeadBytes + fieldOverhead * (clientFieldLines + pseudoFields + 1),
    },
    maxHeaderListPairs: clientFieldLines + pseudoFields + 1,
    maxSessionMemory: sessionMemory,
    maxSessionInvalidFrames: maxInvalidFrames,
    maxSessionRejectedStreams: maxInvalidFrames,
  });
}
