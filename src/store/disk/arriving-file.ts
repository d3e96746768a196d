import type { Backlog } from '../waiting.ts';
import { makeFolder } from './directory.ts';
import { codeOf, type Files } from './files.ts';
import { contentPath, folderOf, type Layout, temporaryPath } from './layout.ts';

export interface ArrivingFileParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly id: Buffer;
  /** Where its pieces are held until they are written. */
  readonly backlog: Backlog;
  /** So many bytes more have been written. */
  readonly written: (bytes: number) => void;
}

/** Content that is being written to a file of its own. Pieces are written one after the other, and nobody waits for that before the end. */
export class ArrivingFile {
  readonly #files: Files;
  readonly #layout: Layout;
  readonly #id: Buffer;
  readonly #backlog: Backlog;
  readonly #written: (bytes: number) => void;
  #descriptor: number | undefined;
  #position = 0;
  /** Of all that was begun so far. */
  #done: Promise<void>;
  #isOver = false;
  /** What went wrong so far; `finish` rejects with it. */
  error: unknown;

  constructor({ files, layout, id, backlog, written }: ArrivingFileParts) {
    this.#files = files;
    this.#layout = layout;
    this.#id = id;
    this.#backlog = backlog;
    this.#written = written;
    this.#done = this.#noting(this.#open());
  }

  /** Nothing happens where something went wrong before. `admitted`: what it waits for, and whether it is written then. */
  write(piece: Uint8Array, admitted: Promise<boolean> | undefined): void {
    this.#backlog.begin(piece.length);
    this.#done = this.#noting(this.#after(this.#done, piece, admitted));
  }

  /** Gives it its name: rejects where anything of it could not be written, and leaves nothing then. */
  async finish(): Promise<void> {
    try {
      await this.#done;
      await this.#close();
      if (this.#isOver) throw new Error('it was given up');
      await this.#name();
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Takes it away, if it has no name yet. Never rejects: what stays is swept at the next start. */
  async discard(): Promise<void> {
    this.#isOver = true;
    try {
      await this.#done;
    } catch {
      // It was to go anyway.
    }
    try {
      await this.#close();
      await this.#files.unlink(temporaryPath(this.#layout, this.#id));
    } catch {
      // Likewise.
    }
  }

  #noting(done: Promise<void>): Promise<void> {
    done.catch((error: unknown) => {
      this.error ??= error;
    });
    return done;
  }

  async #open(): Promise<void> {
    const path = temporaryPath(this.#layout, this.#id);
    this.#descriptor = await orMade(this.#files, this.#layout, this.#layout.temporary, () => this.#files.create(path));
  }

  async #after(before: Promise<void>, piece: Uint8Array, admitted: Promise<boolean> | undefined): Promise<void> {
    try {
      await before;
      if (admitted !== undefined) this.#isOver ||= !(await admitted);
      if (this.#isOver) return;
      await this.#write(piece);
    } finally {
      this.#backlog.end(piece.length);
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    let rest = piece;
    while (rest.length > 0 && this.#descriptor !== undefined) {
      const bytes = await this.#files.write(this.#descriptor, rest, this.#position);
      this.#position += bytes;
      this.#written(bytes);
      rest = rest.subarray(bytes);
    }
  }

  async #close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) await this.#files.close(descriptor);
  }

  async #name(): Promise<void> {
    const from = temporaryPath(this.#layout, this.#id);
    const to = contentPath(this.#layout, this.#id);
    await orMade(this.#files, this.#layout, folderOf(this.#layout, this.#id), () => this.#files.rename(from, to));
  }
}

/** Does it; where the folder is missing for it, makes that and does it again. */
async function orMade<T>(files: Files, layout: Layout, folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(files, layout, folder);
    return act();
  }
}
