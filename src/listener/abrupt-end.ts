import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Ends a connection so that nobody takes what came over it for all there was: with a reset, or, under TLS, without the alert that tells of the end (RFC 9112 §9.8). A
 * response that only the end of the connection delimits looks complete else.
 */
export function endAbruptly(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
