import type { ResponseHead } from '../http/message.ts';
import type { Hit, HitEnd } from './exchange.ts';

/** A hit whose content is too long to be copied, for one client: how its sending ends is told to one record. */
export class HeldHit implements Hit {
  readonly hold: () => HitEnd;
  readonly #shared: Hit;

  /** `shared`: what all who ask for the same within the second are answered with. */
  constructor(shared: Hit, hold: () => HitEnd) {
    this.#shared = shared;
    this.hold = hold;
  }

  get head(): ResponseHead {
    return this.#shared.head;
  }

  get content(): readonly Uint8Array[] {
    return this.#shared.content;
  }

  get contentBytes(): number {
    return this.#shared.contentBytes;
  }

  get isRepeated(): boolean {
    return this.#shared.isRepeated;
  }

  get serialized(): Buffer | undefined {
    return this.#shared.serialized;
  }

  set serialized(bytes: Buffer | undefined) {
    this.#shared.serialized = bytes;
  }
}
