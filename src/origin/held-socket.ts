import type { Socket } from 'node:net';

/** What reads a socket from the system, as far as it is used. */
interface ReadingHandle {
  reading: boolean;
  readStop(): void;
}

/**
 * Leaves what an origin sends with the system while nobody takes it. A stream that is not read still reads a piece ahead, of 64 KiB: with a connection for each slow client that is as
 * much memory again as is written to them, and counted by nobody.
 *
 * Only the handle of a socket can stop that, and Node does not say where it is: where it is not found, the socket reads ahead as any other.
 */
export class HeldSocket {
  readonly #socket: Socket;
  readonly #read: (size: number) => void;
  #held = false;

  /** Takes the place of what the stream reads with. */
  constructor(socket: Socket) {
    this.#socket = socket;
    // eslint-disable-next-line no-underscore-dangle -- the name that streams have for what they read with
    this.#read = socket._read.bind(socket);
    // eslint-disable-next-line no-underscore-dangle -- the same
    socket._read = (size) => {
      if (!this.#held) this.#read(size);
    };
  }

  /** Reads no more; what was read already stays in the stream. */
  hold(): void {
    const handle: unknown = Reflect.get(this.#socket, '_handle');
    if (this.#held || !isReadingHandle(handle)) return;
    this.#held = true;
    if (!handle.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  /** Reads again, whether or not the stream has asked for it meanwhile. */
  goOn(): void {
    if (!this.#held) return;
    this.#held = false;
    if (!this.#socket.destroyed) this.#read(0);
  }
}

function isReadingHandle(handle: unknown): handle is ReadingHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'reading' in handle &&
    typeof handle.reading === 'boolean' &&
    'readStop' in handle
  );
}
