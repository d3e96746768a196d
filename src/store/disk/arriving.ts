import type { Waiting } from '../waiting.ts';

/** Most drafts whose content is a file: each has it open. */
const maxFiles = 128;
/** Most drafts in all. */
const maxDrafts = 4_096;

/** What is on its way to the disk, counted against its bounds. */
export class Arriving {
  /** Of files that are being written, or soon will be. */
  fileBytes = 0;
  /** Of those, what has been written. */
  writtenBytes = 0;
  /** Their content, as far as it is to be written still. */
  readonly waiting: Waiting;
  #files = 0;
  #drafts = 0;

  constructor(waiting: Waiting) {
    this.waiting = waiting;
  }

  /** Whether one more draft may begin. */
  begin(): boolean {
    if (this.#drafts >= maxDrafts || this.waiting.isFull) return false;
    this.#drafts += 1;
    return true;
  }

  end(): void {
    this.#drafts -= 1;
  }

  get hasFilesLeft(): boolean {
    return this.#files < maxFiles;
  }

  beginFile(): void {
    this.#files += 1;
  }

  endFile(): void {
    this.#files -= 1;
  }
}
