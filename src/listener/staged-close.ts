import type { Socket } from 'node:net';
import { queuedBytes } from './shared-read.ts';

/** How long a client is waited for. */
export interface Patience {
  /** While it takes nothing of what was written. */
  readonly stallMs: number;
  /** To close its direction, from when everything is written. */
  readonly lingerMs: number;
}

/**
 * Ends a connection so that everything written to it reaches the client (RFC 9112 §9.6), for as long as it reads: first our direction alone, then, when the client
 * has closed its own, the whole. Meanwhile what the client still sends is read and thrown away, past the parser: were it left unread, the system would answer it with
 * a reset, and a reset takes away what the client has not read yet.
 */
export function closeInStages(socket: Socket, { stallMs, lingerMs }: Patience): void {
  if (socket.destroyed) return;
  // node:http reads past the stream while it has the connection: told so it begins to read again, and to listen for data takes the connection from it.
  socket.emit('resume');
  socket.removeAllListeners('data');
  socket.on('data', () => undefined);
  const watchNoMore = destroyIfStalled(socket, stallMs);
  socket.once('finish', () => {
    watchNoMore();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  });
  socket.end();
  socket.resume();
}

/**
 * Looks from time to time, until the socket is closed, whether the client has taken something of what waits for it: a slow one takes long for a long answer, but does
 * not stand still.
 *
 * @param stallMs How long it may take nothing.
 * @returns what ends the watch
 */
export function destroyIfStalled(socket: Socket, stallMs: number): () => void {
  const lookMs = Math.min(1_000, stallMs);
  let queued = queuedBytes(socket);
  let idleMs = 0;
  const watch = setInterval(() => {
    const left = queuedBytes(socket);
    idleMs = left > 0 && left === queued ? idleMs + lookMs : 0;
    queued = left;
    if (idleMs >= stallMs) socket.destroy();
  }, lookMs).unref();
  const watchNoMore = (): void => {
    clearInterval(watch);
    socket.off('close', watchNoMore);
  };
  socket.once('close', watchNoMore);
  return watchNoMore;
}
