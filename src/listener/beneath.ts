import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The socket that the bytes of a connection under TLS go over; undefined where Node keeps it elsewhere. */
export function socketBeneath(secure: TLSSocket): Socket | undefined {
  const parent: unknown = Reflect.get(secure, '_parent');
  return parent instanceof Socket ? parent : undefined;
}
