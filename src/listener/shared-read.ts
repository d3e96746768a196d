import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { socketBeneath } from './beneath.ts';
import { Bridge } from './bridge.ts';

/** All connections are read into it, one after the other: what is to stay must be copied out. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Takes an accepted connection over so that it is read into one buffer, which costs a third less than a buffer for each read. Node has that as an option
 * (`onread`) for sockets that one makes oneself, and only the handle of an accepted one tells which that is: where Node keeps it elsewhere, and under TLS, the socket is read as
 * any other, through `data`.
 *
 * @param accepted Paused since it was accepted.
 * @param receive Is given a view that is valid until it returns.
 * @returns the socket to go on with; the accepted one is not to be used any more
 */
export function readShared(accepted: Socket, receive: (bytes: Buffer) => void): Socket {
  const handle: unknown = accepted instanceof TLSSocket ? undefined : Reflect.get(accepted, '_handle');
  const server: unknown = Reflect.get(accepted, '_server');
  if (!isStreamHandle(handle) || typeof server !== 'object' || server === null) {
    accepted.on('data', receive);
    accepted.resume();
    return accepted;
  }
  Reflect.set(accepted, '_handle', null);
  Reflect.set(accepted, '_server', null);
  const callback = (length: number): boolean => {
    receive(shared.subarray(0, length));
    return true;
  };
  const taken = new Socket({ allowHalfOpen: true, handle, onread: { buffer: shared, callback } } as object);
  // It is still the server's connection: counted, and waited for when the server closes.
  Reflect.set(taken, '_server', server);
  return taken;
}

/**
 * Bytes that were written to a socket and that the system has not taken yet: where that is less than before, the client has taken something. The stream itself counts
 * a write until the last of its bytes has gone, which a slow client can make as long as it likes; where Node does not tell more, that has to do.
 */
export function queuedBytes(socket: Socket): number {
  const client = socket instanceof Bridge ? socket.carrier : socket;
  // What TLS has made of it waits in the socket beneath.
  const handle: unknown = Reflect.get(
    client instanceof TLSSocket ? (socketBeneath(client) ?? client) : client,
    '_handle',
  );
  const queued: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined;
  return typeof queued === 'number' ? queued : socket.writableLength;
}

function isStreamHandle(handle: unknown): handle is object {
  return typeof handle === 'object' && handle !== null && 'readStart' in handle && 'useUserBuffer' in handle;
}
