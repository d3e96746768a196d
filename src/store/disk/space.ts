import type { Arriving } from './arriving.ts';
import { gone } from './directory.ts';
import { codeOf, type Files } from './files.ts';
import { contentPath, type Layout } from './layout.ts';
import type { Room } from './room.ts';

/** With fewer bytes free than this in the file system nothing is put: LMDB can't take back what it has half written. */
const leastFreeBytes = 4 * 2 ** 20;

export interface SpaceParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly arriving: Arriving;
  readonly room: Room;
  /** Of the marker, which is in the directory as long as that is the one that was opened. */
  readonly marked: string | undefined;
  /** A file could not be taken away; it is swept at the next start. */
  readonly stayed: () => void;
}

/** What the file system has free, and the files that are taken away from it. */
export class Space {
  readonly #parts: SpaceParts;
  readonly #leaving = new Set<Promise<void>>();

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /** Tells the room what is free; where that is little, when all has gone that is about to. Resolves with the bytes. */
  async look(): Promise<number> {
    const free = await this.#look();
    if (!this.#parts.room.isShort || this.#leaving.size === 0) return free;
    await Promise.all(this.#leaving);
    return this.#look();
  }

  /** Looks before so many bytes are put into the database. Resolves with what is wrong where there are too few. */
  async check(bytes: number): Promise<Error | undefined> {
    // What takes no room is done whatever there is of it, and where that can't be told.
    if (bytes === 0) return this.look().then(nothing, nothing);
    if (await this.#isGone()) return gone();
    const free = await this.look();
    return free < leastFreeBytes + bytes ? new Error(`${free} bytes are left in the file system`) : undefined;
  }

  /** Takes away the files with that content. */
  unlink(ids: readonly Buffer[]): void {
    const { files, layout, stayed } = this.#parts;
    for (const id of ids) {
      const leaving = files
        .unlink(contentPath(layout, id))
        .catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') stayed();
        })
        .finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
  }

  async #isGone(): Promise<boolean> {
    const { files, layout, marked } = this.#parts;
    return (await files.facts(layout.marker))?.identity !== marked;
  }

  async #look(): Promise<number> {
    const { files, layout, arriving, room } = this.#parts;
    const unwritten = arriving.fileBytes - arriving.writtenBytes;
    const free = await files.freeBytes(layout.directory);
    room.look(free, unwritten);
    return free;
  }
}

function nothing(): undefined {
  return undefined;
}
