import type { Socket } from 'node:net';

/** A way in which the connections of clients are served. */
export interface Lane {
  /** The first address is listened at. */
  begin(): void;
  /** Takes a connection over; returns the socket that it goes on with. */
  enter(accepted: Socket): Socket;
  /** Lets each connection end with the answer to its next request. */
  retire(): void;
  /** Ends every connection at the end of what is under way on it. */
  drain(): void;
  /** Ends every connection at once. */
  destroy(): void;
  /** No connection is left, and none will come. */
  end(): void;
}
