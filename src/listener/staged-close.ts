import type { Socket } from 'node:net';

/**
 * Ends a connection on which an answer can't be completed: what was written of it still goes out, so that the client has every byte that we had, but it does
 * not get for ever, whatever the client sends meanwhile.
 *
 * @param lingerMs How long that may take.
 */
export function breakOff(socket: Socket, lingerMs: number): void {
  if (socket.writableLength === 0) {
    socket.destroy();
    return;
  }
  socket.end(() => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Ends a connection so that everything written to it reaches the client (RFC 9112 §9.6): first our direction alone, then, when the client has closed its own,
 * the whole. Meanwhile what the client still sends is read and thrown away, past the parser: were it left unread, the system would answer it with a reset, and
 * a reset takes away what the client has not read yet.
 *
 * @param lingerMs How long the client may take to close its direction, from when everything is written.
 */
export function closeInStages(socket: Socket, lingerMs: number): void {
  if (socket.destroyed) return;
  // node:http reads past the stream while it has the connection: told so it begins to read again, and to listen for data takes the connection from it.
  socket.emit('resume');
  socket.removeAllListeners('data');
  socket.on('data', () => undefined);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('finish', () => timer.refresh());
  socket.once('close', () => clearTimeout(timer));
  socket.end();
  socket.resume();
}
