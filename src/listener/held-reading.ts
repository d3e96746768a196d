import type { Socket } from 'node:net';

/** Reading from a connection that node:http has: it pauses and resumes as it likes, and reads on at the end of every message, whoever has paused. */
export class HeldReading {
  readonly #socket: Socket;
  #held = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('resume', () => {
      if (this.#held) this.#pause();
    });
  }

  /** Whether what the client sends is left where it is. */
  get isHeld(): boolean {
    return this.#held;
  }

  /** Reads no more. What was read in one piece is looked at to its end. */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#pause();
  }

  /** Reads again. */
  goOn(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#socket.resume();
  }

  #pause(): void {
    // One that was resumed and paused within the same turn tells of being resumed when it is paused already, and of that no more.
    if (this.#socket.isPaused()) this.#socket.emit('pause');
    else this.#socket.pause();
  }
}
