import type { Socket } from 'node:net';
import type { Hit, HitEnd } from '../engine/exchange.ts';
import { queuedBytes } from './shared-read.ts';

/** What of the hits on a connection the client has not taken yet. */
export class Sending {
  readonly #socket: Socket;
  /** Of the hit whose content is sent from where it lies. */
  #held: HitEnd | undefined;
  /** Bytes that waited for the client when that was last looked at. */
  #queued = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param bytes The whole of a hit that is copied, the head of one that is held. */
  write(bytes: Uint8Array, hit: Hit): void {
    const socket = this.#socket;
    this.#held = hit.hold?.();
    if (this.#held === undefined) {
      socket.write(bytes);
      return;
    }
    socket.cork();
    socket.write(bytes);
    for (const piece of hit.content) socket.write(piece);
    socket.uncork();
  }

  /** Whether the client has taken something since the last look: one that reads slowly takes long for one answer, but does not stand still. */
  look(): boolean {
    const queued = queuedBytes(this.#socket);
    const progressed = queued !== this.#queued;
    this.#queued = queued;
    return progressed;
  }

  /** Tells how it ended. Where the client has not taken all of it, what was seen last is what it did not take. */
  letGo(end: Parameters<HitEnd>[0]): void {
    this.#held?.(end, end === 'complete' ? 0 : this.#queued);
    this.#held = undefined;
  }
}
