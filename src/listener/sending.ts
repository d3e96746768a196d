import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Hit, HitEnd } from '../engine/exchange.ts';
import { queuedBytes } from './shared-read.ts';

const nothing: Hit['content'] = [];

/** What of the hits on a connection the client has not taken yet. */
export class Sending {
  readonly #socket: Socket;
  /** Whether content is written piece by piece: TLS makes a copy of all that is written. */
  readonly #isPaced: boolean;
  /** Of the hit whose content is sent from where it lies. */
  #held: HitEnd | undefined;
  /** What of it is still to be written, from that piece on. */
  #pieces: Hit['content'] = nothing;
  #next = 0;
  /** Bytes that waited for the client when that was last looked at. */
  #queued = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#isPaced = socket instanceof TLSSocket;
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
    if (this.#isPaced) {
      this.#pieces = hit.content;
      this.#next = 0;
      this.goOn();
    } else {
      for (const piece of hit.content) socket.write(piece);
    }
    socket.uncork();
  }

  /** Writes one more piece, once the client has taken those before it; whether there was one. */
  goOn(): boolean {
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return false;
    this.#next += 1;
    this.#socket.write(piece);
    return true;
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
    if (this.#held === undefined) return;
    const unwritten = this.#pieces.slice(this.#next).reduce((sum, piece) => sum + piece.length, 0);
    this.#held(end, end === 'complete' ? 0 : this.#queued + unwritten);
    this.#held = undefined;
    this.#pieces = nothing;
  }
}
