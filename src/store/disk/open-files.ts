import { pieceBytes } from '../backing.ts';
import { bytesOfPiece } from '../sealed-record.ts';
import { codeOf, type Files } from './files.ts';
import { contentPath, type Layout } from './layout.ts';

/** Most files that are open to be read. */
const maxOpen = 256;
/** How often those are closed that nobody has read from meanwhile, in ms. */
const idleMs = 15_000;

interface OpenFile {
  readonly descriptor: Promise<number>;
  /** Reads in progress. */
  readers: number;
  isIdle: boolean;
  /** Nobody else begins to read from it. */
  isGone: boolean;
}

/**
 * Files with content that are read from. They stay open for a while: content that leaves the shelf while it is read can be read to its end. Beyond that, what is gone is gone; never are there other bytes, as a
 * name is never given twice.
 */
export class OpenFiles {
  readonly #files: Files;
  readonly #layout: Layout;
  /** A read failed otherwise than by the file being gone. */
  readonly #failed: () => void;
  /** The least recently used first. */
  readonly #open = new Map<string, OpenFile>();
  readonly #idle: NodeJS.Timeout;

  constructor(files: Files, layout: Layout, failed: () => void) {
    this.#files = files;
    this.#layout = layout;
    this.#failed = failed;
    this.#idle = setInterval(() => this.#letGoOfIdle(), idleMs);
    this.#idle.unref();
  }

  /** A piece of content of that length: less of it where the file is cut short or missing. Undefined where it can't be read. */
  async read(id: Buffer, length: number, index: number): Promise<Uint8Array | undefined> {
    const start = index * pieceBytes;
    if (index < 0 || start >= length) return undefined;
    const name = id.toString('hex');
    const file = this.#use(name, id);
    file.readers += 1;
    try {
      return await this.#read(await file.descriptor, start, bytesOfPiece(index, length));
    } catch (error) {
      this.#letGo(name, file);
      if (codeOf(error) === 'ENOENT') return new Uint8Array(0);
      this.#failed();
      return undefined;
    } finally {
      file.readers -= 1;
      if (file.isGone) this.#closeUnread(file);
      else if (this.#open.size > maxOpen) this.#letGoOfLeast();
    }
  }

  /** Closes all of them, each when nobody reads from it. */
  close(): void {
    clearInterval(this.#idle);
    for (const [name, file] of this.#open) this.#letGo(name, file);
  }

  async #read(descriptor: number, start: number, length: number): Promise<Uint8Array> {
    const piece = Buffer.allocUnsafeSlow(length);
    let have = 0;
    while (have < length) {
      const bytes = await this.#files.read(descriptor, piece.subarray(have), start + have);
      if (bytes === 0) break;
      have += bytes;
    }
    return piece.subarray(0, have);
  }

  #use(name: string, id: Buffer): OpenFile {
    const open = this.#open.get(name) ?? {
      descriptor: this.#files.openToRead(contentPath(this.#layout, id)),
      readers: 0,
      isIdle: false,
      isGone: false,
    };
    open.isIdle = false;
    this.#open.delete(name);
    this.#open.set(name, open);
    return open;
  }

  #letGoOfLeast(): void {
    for (const [name, file] of this.#open) {
      if (file.readers > 0) continue;
      this.#letGo(name, file);
      return;
    }
  }

  #letGoOfIdle(): void {
    for (const [name, file] of this.#open) {
      if (file.readers === 0 && file.isIdle) this.#letGo(name, file);
      file.isIdle = true;
    }
  }

  #letGo(name: string, file: OpenFile): void {
    if (this.#open.get(name) === file) this.#open.delete(name);
    if (file.isGone) return;
    file.isGone = true;
    this.#closeUnread(file);
  }

  /** While somebody reads, the number must not become that of another file. */
  #closeUnread({ descriptor, readers }: OpenFile): void {
    if (readers > 0) return;
    const closing = descriptor.then((number) => this.#files.close(number));
    // What was never open needs no closing, and what can't be closed is closed.
    closing.catch(() => {});
  }
}
