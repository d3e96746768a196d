/** Content that is on its way to a shelf beneath memory may wait in it up to this share of its limit, within bounds. */
const waitingShare = 1 / 16;
const leastWaitingBytes = 4 * 2 ** 20;
const mostWaitingBytes = 32 * 2 ** 20;

/** Of one draft, more than so much should not wait; from so little on it keeps pace again. */
const mostOfOneBytes = 2 ** 20;
const fewOfOneBytes = 2 ** 18;

/** How much may wait in all beside a memory shelf of that size, in bytes: it does not count there. */
export function waitingBytesBeside(memoryBytes: number): number {
  return Math.min(Math.max(memoryBytes * waitingShare, leastWaitingBytes), mostWaitingBytes);
}

/** Content of all drafts together that waits in memory to be kept. */
export class Waiting {
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#mostBytes;
  }

  /** From here on those that can wait do, so that there is room for those that can't. */
  get isCrowded(): boolean {
    return this.#bytes > this.#mostBytes / 2;
  }

  /** False where no more may wait. */
  hold(bytes: number): boolean {
    if (this.#bytes + bytes > this.#mostBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  letGo(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What of one draft is being kept this moment, and whether its source should wait for that. */
export class Backlog {
  readonly #all: Waiting;
  #bytes = 0;
  #isBehind = false;
  /** Who hears when something is no longer held. */
  #hearing: (() => void)[] = [];

  /** `all`: where it is held. */
  constructor(all: Waiting) {
    this.#all = all;
  }

  /** A piece that is held is being kept from now on. */
  begin(bytes: number): void {
    this.#bytes += bytes;
  }

  /** It was kept, or can't be: it is no longer held. */
  end(bytes: number): void {
    this.#bytes -= bytes;
    this.#all.letGo(bytes);
    for (const hear of this.#hearing.splice(0)) hear();
  }

  /** As of a `Draft`. */
  get behind(): Promise<void> | undefined {
    const isTooMuch = this.#bytes > (this.#isBehind ? fewOfOneBytes : mostOfOneBytes);
    this.#isBehind = isTooMuch || (this.#bytes > 0 && this.#all.isCrowded);
    return this.#isBehind ? new Promise((resolve) => this.#hearing.push(resolve)) : undefined;
  }
}
