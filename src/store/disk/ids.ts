import { idBytes } from './entry.ts';

/** Draws names for content: of the time, of this process and of how many it has drawn before, so that none is drawn twice. */
export class Ids {
  readonly #process: Buffer;
  readonly #now: () => number;
  #drawn = 0;

  /**
   * @param random 6 random bytes.
   * @param now Wall time in ms.
   */
  constructor(random: Buffer, now: () => number) {
    this.#process = random;
    this.#now = now;
  }

  next(): Buffer {
    const id = Buffer.allocUnsafe(idBytes);
    id.writeUIntBE(this.#now(), 0, 6);
    this.#process.copy(id, 6, 0, 6);
    id.writeUInt32BE(this.#drawn >>> 0, 12);
    this.#drawn += 1;
    return id;
  }
}

/** Wall time in ms at which an id was drawn. */
export function drawnAt(id: Buffer): number {
  return id.readUIntBE(0, 6);
}
