import type { Socket } from 'node:net';
import { Bridge } from './bridge.ts';

/** The scheme of what is asked for over a connection: https where TLS protects it (RFC 9110 §4.2.2). */
export function schemeOf(socket: Socket): 'http' | 'https' {
  return 'encrypted' in (socket instanceof Bridge ? socket.carrier : socket) ? 'https' : 'http';
}
