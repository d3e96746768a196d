import type { Environment } from './environment.ts';

/** The least that a shelf on a disk may take. */
export const leastDiskBytes = 16 * 2 ** 20;

const pageBytes = 4096;
/** What an entry takes in the tables beside its head and content: keys, a turn, and what is free in half full pages. */
const overheadBytes = 384;
/** Of the folders themselves, and the lock of the database. */
const foldersBytes = 1.5 * 2 ** 20;

/** Bytes that a shelf leaves free in its file system: what is on its way comes in before what is old has gone. */
export const reserveBytes = 8 * 2 ** 20;

/** What content takes as a file: whole blocks of the file system. */
export function bytesAsFile(length: number): number {
  return Math.ceil(length / pageBytes) * pageBytes;
}

/**
 * How much more there is room for, so that all files of a shelf together never take more than the limit, nor more than the file system has for them beside what others have there.
 *
 * The file of the database never shrinks. Pages that are not in use are used again, but not while somebody may still read them, and content of several pages wants them side by side: so three quarters of
 * the limit may be in use, with which the file grows to some seven eighths. What it has grown to is lost to content in files.
 */
export class Room {
  readonly maxBytes: number;
  readonly #environment: Environment;
  /** The limit, or what the file system has for the shelf, where that is less. */
  #limitBytes: number;
  /** What the file system has for it, as of the last transaction, as if nothing were written of what others have on its way. */
  #withinBytes = Number.POSITIVE_INFINITY;
  /** The most that this may be, as what others have on its way may be written already. */
  #withinAtMostBytes = Number.POSITIVE_INFINITY;
  /** Free in the file system beyond what is on its way to it from here, as of the last look. */
  #freeBytes = Number.POSITIVE_INFINITY;
  #usedBytes = 0;
  #databaseBytes = 0;
  #filesBytes = 0;
  /** What is left of that. */
  #leftBytes = 0;

  constructor(environment: Environment, maxBytes: number) {
    this.maxBytes = maxBytes;
    this.#environment = environment;
    this.#limitBytes = maxBytes;
  }

  /** `freeBytes`: in the file system; `unwrittenBytes`: of files on their way from here, what has not been written yet. */
  look(freeBytes: number, unwrittenBytes: number): void {
    this.#freeBytes = freeBytes - unwrittenBytes;
  }

  /** At the beginning of a transaction. `filesBytes`: as for `measure`; `othersBytes`: of files on their way from elsewhere, as if nothing of them were written. */
  begin(filesBytes: number, othersBytes: number): void {
    const taken = foldersBytes + this.#environment.fileBytes() + filesBytes;
    this.#withinAtMostBytes = Math.max(0, taken + this.#freeBytes - reserveBytes);
    this.#withinBytes = Math.max(0, this.#withinAtMostBytes - othersBytes);
    this.#limitBytes = Math.min(this.maxBytes, this.#withinBytes);
    this.measure(filesBytes);
  }

  /** What the file system has for the shelf, in bytes. */
  get withinBytes(): number {
    return this.#withinAtMostBytes;
  }

  /** Whether the file system has less than the limit; where it was so before, only some more than the limit is enough again. */
  isTight(wasTight: boolean): boolean {
    return wasTight ? this.#withinBytes < this.maxBytes + 2 * reserveBytes : this.#withinAtMostBytes < this.maxBytes;
  }

  /** Whether it is the file system that sets the bounds. */
  get isShort(): boolean {
    return this.#limitBytes < this.maxBytes;
  }

  get #spareBytes(): number {
    return Math.min(Math.max(this.#limitBytes / 16, 2 * 2 ** 20), 64 * 2 ** 20);
  }

  /** Measures anew; within a transaction, what it has done counts. `filesBytes`: of all files with content, also on its way. */
  measure(filesBytes: number): void {
    this.#usedBytes = this.#environment.usedBytes();
    this.#databaseBytes = this.#environment.fileBytes();
    this.#filesBytes = filesBytes;
    this.#leftBytes = this.#limitBytes - foldersBytes - this.#databaseBytes - filesBytes;
  }

  /** Whether files with content have to go: dropping anything else would not make the rest smaller. */
  lacksFiles(): boolean {
    return this.#leftBytes < 0;
  }

  /** Whether something has to go before so many bytes more may come into the database. */
  lacksPages(bytes: number): boolean {
    const needed = needOf(bytes) + this.#spareBytes;
    const free = this.#databaseBytes - this.#usedBytes + Math.max(0, this.#leftBytes);
    return this.#usedBytes + needed > this.#mostInUse || needed > free;
  }

  /** Whether anything can be gained by dropping for so many bytes in the database: its file gives nothing back to the file system. */
  mayTakePages(bytes: number): boolean {
    const needed = needOf(bytes) + this.#spareBytes;
    return needed <= this.#mostInUse && needed <= this.#databaseBytes + Math.max(0, this.#filesBytes + this.#leftBytes);
  }

  /** Bytes of pages; those that the file has are there whatever others have in the file system. */
  get #mostInUse(): number {
    return (Math.max(this.#limitBytes, this.#databaseBytes) / 4) * 3;
  }

  /** Counts what was put into the database since it was measured. */
  took(bytes: number): void {
    this.#usedBytes += needOf(bytes);
  }

  /** The longest content for which room can be made at all. */
  mostInFiles(): number {
    return this.#limitBytes - foldersBytes - Math.max(this.#environment.fileBytes(), this.#spareBytes);
  }
}

/** Values of more than about half a page take whole pages. */
function needOf(bytes: number): number {
  return overheadBytes + (bytes > pageBytes / 2 ? bytesAsFile(bytes + 16) : bytes);
}
