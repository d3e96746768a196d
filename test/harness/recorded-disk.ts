import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openLmdb, type OpenEnvironment } from '../../src/store/disk/environment.ts';
import { type Files, systemFiles } from '../../src/store/disk/files.ts';

/** What was done to a disk, in the order in which it was done. Paths are relative to the directory that the shelf is in; files have numbers, which they keep under whatever name. */
export type Operation =
  | { readonly kind: 'directory' | 'remove' | 'sync-directory'; readonly path: string }
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  /** A transaction of the database, which is flushed when it is kept: from its beginning on any of its pages may be there. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit'; readonly pages: ReadonlyMap<number, Buffer> };

/** The number of the file of the database. */
export const databaseFile = 0;

export const pageBytes = 4096;

/** A disk that writes down what is done to it, so that it can be told what a loss of power would have left at any moment (`power-loss.ts`). */
export class RecordedDisk {
  readonly operations: Operation[] = [];
  readonly files: Files;
  readonly #directory: string;
  readonly #opened = new Map<number, number>();
  #created = databaseFile;
  /** The database as of the last transaction. */
  #database = Buffer.alloc(0);
  #turn: Promise<unknown> = Promise.resolve();

  /** @param directory That the shelf is in. */
  constructor(directory: string) {
    this.#directory = directory;
    this.files = this.#filesOf(systemFiles);
  }

  /** How much has been done so far. */
  get now(): number {
    return this.operations.length;
  }

  /** Opens a database of which each transaction is written down: the pages that it has changed. */
  readonly open: OpenEnvironment = async (directory, maxBytes) => {
    const path = join(directory, 'data.mdb');
    this.operations.push({ kind: 'create', path: this.#name(path), file: databaseFile }, { kind: 'begin' });
    const environment = await openLmdb(directory, maxBytes);
    this.operations.push({ kind: 'commit', pages: this.#changed(path) });
    const transaction: typeof environment.transaction = (work) => {
      // One after the other, as of each it is to be known what it has written.
      const done = this.#turn.then(async () => {
        this.operations.push({ kind: 'begin' });
        const result = await environment.transaction(work);
        this.operations.push({ kind: 'commit', pages: this.#changed(path) });
        return result;
      });
      this.#turn = done.catch(() => {});
      return done;
    };
    const { records, content, turns, files, orders, facts } = environment;
    return {
      records,
      content,
      turns,
      files,
      orders,
      facts,
      transaction,
      refresh: () => environment.refresh(),
      usedBytes: () => environment.usedBytes(),
      fileBytes: () => environment.fileBytes(),
      close: () => environment.close(),
    };
  };

  #changed(path: string): ReadonlyMap<number, Buffer> {
    const before = this.#database;
    this.#database = readFileSync(path);
    const pages = new Map<number, Buffer>();
    for (let start = 0; start < this.#database.length; start += pageBytes) {
      const page = this.#database.subarray(start, start + pageBytes);
      if (!page.equals(before.subarray(start, start + pageBytes))) pages.set(start / pageBytes, page);
    }
    return pages;
  }

  #name(path: string): string {
    return relative(this.#directory, path);
  }

  #filesOf(files: Files): Files {
    const does = (operation: Operation): void => void this.operations.push(operation);
    const fileOf = (descriptor: number): number => this.#opened.get(descriptor) ?? -1;
    return {
      ...files,
      create: async (path) => {
        const descriptor = await files.create(path);
        this.#created += 1;
        this.#opened.set(descriptor, this.#created);
        does({ kind: 'create', path: this.#name(path), file: this.#created });
        return descriptor;
      },
      write: async (descriptor, bytes, position) => {
        const written = await files.write(descriptor, bytes, position);
        const copy = Buffer.from(bytes.subarray(0, written));
        does({ kind: 'write', file: fileOf(descriptor), position, bytes: copy });
        return written;
      },
      sync: async (descriptor) => {
        await files.sync(descriptor);
        does({ kind: 'sync', file: fileOf(descriptor) });
      },
      syncDirectory: async (path) => {
        await files.syncDirectory(path);
        does({ kind: 'sync-directory', path: this.#name(path) });
      },
      rename: async (from, to) => {
        await files.rename(from, to);
        does({ kind: 'rename', from: this.#name(from), to: this.#name(to) });
      },
      unlink: async (path) => {
        await files.unlink(path);
        does({ kind: 'remove', path: this.#name(path) });
      },
      removeTree: async (path) => {
        await files.removeTree(path);
        does({ kind: 'remove', path: this.#name(path) });
      },
      makeDirectory: async (path) => {
        await files.makeDirectory(path);
        does({ kind: 'directory', path: this.#name(path) });
      },
    };
  }
}
