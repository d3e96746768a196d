import { type Committed, type Draft, pieceBytes } from '../backing.ts';
import { Backlog } from '../waiting.ts';
import type { After } from './afterwards.ts';
import type { Arriving } from './arriving.ts';
import { ArrivingFile } from './arriving-file.ts';
import type { Files } from './files.ts';
import { contentPath, type Layout } from './layout.ts';
import type { Ledger, later, Putting } from './ledger.ts';
import type { DiskOrderLog } from './order-log.ts';
import { bytesAsFile, type Room } from './room.ts';
import type { Writes } from './writes.ts';

/** Room is made for a file of unknown length in steps of this size. */
const stepBytes = 8 * 2 ** 20;

/** How long a file may take to be written whole after its last piece has come. */
const patienceMs = 10_000;

export interface DraftParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly arriving: Arriving;
  readonly ledger: Ledger;
  readonly log: Pick<DiskOrderLog, 'headOfTransaction'>;
  readonly room: Room;
  readonly writes: Writes;
  readonly after: After;
  /** Wall time in ms. */
  readonly now: () => number;
  /** Something could not be written. */
  readonly failed: (error: unknown) => void;
}

/** A record on its way: content of one piece waits in memory, as it goes into the database with its head; longer content is written to a file as it comes. */
export class DiskDraft implements Draft {
  readonly #parts: DraftParts;
  readonly #place: Buffer;
  readonly #id: Buffer;
  readonly #mostBytes: number;
  readonly #backlog: Backlog;
  #first: Uint8Array | undefined;
  #file: ArrivingFile | undefined;
  #length = 0;
  /** Bytes of a file that are counted as on their way. */
  #reserved = 0;
  #written = 0;
  #hasRoom = true;
  /** Its file is written, and has its name. */
  #isNamed = false;
  /** Whether there is room for all that is counted as on its way, when that is known. */
  #admitted: Promise<boolean> = Promise.resolve(true);
  #isOver = false;

  /** @param expectedLength Of its content, where that is known. */
  constructor(parts: DraftParts, place: Buffer, id: Buffer, expectedLength: number | undefined) {
    this.#parts = parts;
    this.#place = place;
    this.#id = id;
    this.#mostBytes = parts.room.mostInFiles();
    this.#backlog = new Backlog(parts.arriving.waiting);
    if (expectedLength !== undefined && expectedLength > pieceBytes) this.#reserve(expectedLength);
  }

  write(piece: Uint8Array): boolean {
    if (this.#isOver) return false;
    const { arriving, failed } = this.#parts;
    if (this.#file?.error !== undefined) failed(this.#file.error);
    const length = this.#length + piece.length;
    const needsFile = this.#first !== undefined && this.#file === undefined;
    const isRefused = length > this.#mostBytes || (needsFile && !arriving.hasFilesLeft) || !this.#makesRoom(length);
    if (isRefused || this.#file?.error !== undefined || !arriving.waiting.hold(piece.length)) {
      this.abort();
      return false;
    }
    this.#length = length;
    if (this.#first === undefined) {
      this.#first = piece;
      return true;
    }
    this.#fileOf(this.#first).write(piece, this.#admission);
    return true;
  }

  get behind(): Promise<void> | undefined {
    return this.#isOver ? undefined : this.#backlog.behind;
  }

  async commit(head: Uint8Array, keepMs: number, orders?: number): Promise<Committed> {
    if (this.#isOver) return false;
    this.#isOver = true;
    let committed: Committed = false;
    try {
      committed = await this.#commit(Buffer.from(head), this.#parts.now() + keepMs, orders);
      return committed;
    } finally {
      if (committed === 'ordered') this.#isOver = false;
      else this.#end();
    }
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isNamed) this.#unlink();
    else void this.#file?.discard();
    this.#end();
  }

  async #commit(head: Buffer, keepUntil: number, orders: number | undefined): Promise<Committed> {
    const file = this.#file;
    const putting = { id: this.#id, length: this.#length, head, keepUntil };
    if (file === undefined) return this.#put({ ...putting, where: 'inside', content: this.#first }, orders);
    if (!this.#isNamed && (await this.#admission) === false) {
      void file.discard();
      return false;
    }
    try {
      if (!this.#isNamed) await this.#finished(file);
      this.#isNamed = true;
    } catch (error) {
      this.#parts.failed(error);
      return false;
    }
    const committed = await this.#put({ ...putting, where: 'file', content: undefined }, orders);
    if (committed === false) this.#unlink();
    return committed;
  }

  /** What can't be taken away is swept at the next start. */
  #unlink(): void {
    const { files, layout } = this.#parts;
    files.unlink(contentPath(layout, this.#id)).catch(() => {});
  }

  /** Nobody waits for a disk that hangs. */
  async #finished(file: ArrivingFile): Promise<void> {
    const finishing = file.finish();
    const callsOff: (() => void)[] = [];
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`content was not written for ${patienceMs / 1000} s`);
      callsOff.push(this.#parts.after(patienceMs, () => reject(error)));
    });
    try {
      await Promise.race([finishing, late]);
    } catch (error) {
      finishing.catch(() => {});
      void file.discard();
      throw error;
    } finally {
      for (const callOff of callsOff) callOff();
    }
  }

  async #put(putting: Putting, orders: number | undefined): Promise<Committed> {
    const { writes, ledger, log } = this.#parts;
    const put = (): Committed | typeof later => {
      if (orders !== undefined && log.headOfTransaction() > orders) return 'ordered';
      const kept = ledger.put(this.#place, putting);
      if (kept === true) {
        // From now on the ledger counts it.
        this.#letGoOfRoom();
      }
      return kept;
    };
    try {
      return await writes.do(put, { bytes: putting.head.length + (putting.content?.length ?? 0) });
    } catch {
      // Told where the transaction failed.
      return false;
    }
  }

  #fileOf(first: Uint8Array): ArrivingFile {
    if (this.#file !== undefined) return this.#file;
    const { arriving, files, layout } = this.#parts;
    arriving.beginFile();
    const written = (bytes: number): void => {
      if (this.#reserved === 0) return;
      this.#written += bytes;
      arriving.writtenBytes += bytes;
    };
    this.#file = new ArrivingFile({ files, layout, id: this.#id, backlog: this.#backlog, written });
    this.#file.write(first, this.#admission);
    return this.#file;
  }

  /** What is to be waited for before anything is written: where the file system is nearly full, what is old has to go first. */
  get #admission(): Promise<boolean> | undefined {
    return this.#parts.room.isShort ? this.#admitted : undefined;
  }

  /** Whether there is room for content of that length, as far as that is known. */
  #makesRoom(length: number): boolean {
    if (this.#first === undefined || length <= this.#reserved) return this.#hasRoom;
    const next = Math.min(this.#reserved + stepBytes, this.#mostBytes);
    if (!mayArrive(this.#parts, next - this.#reserved)) return false;
    this.#reserve(next);
    return this.#hasRoom;
  }

  /** Counts a file of that length as on its way, and makes room for it. */
  #reserve(length: number): void {
    const { arriving, writes, ledger } = this.#parts;
    const reserved = bytesAsFile(length);
    arriving.fileBytes += reserved - this.#reserved;
    this.#reserved = reserved;
    const hear = (hasRoom: boolean): boolean => {
      this.#hasRoom &&= hasRoom;
      return this.#hasRoom;
    };
    this.#admitted = writes.do<boolean>(() => ledger.admit()).then(hear, () => true);
  }

  /** From now on nothing of it is counted as on its way. */
  #letGoOfRoom(): void {
    const { arriving } = this.#parts;
    arriving.fileBytes -= this.#reserved;
    arriving.writtenBytes -= this.#written;
    this.#reserved = 0;
    this.#written = 0;
  }

  #end(): void {
    const { arriving, writes } = this.#parts;
    if (this.#reserved > 0) {
      this.#letGoOfRoom();
      // So that the others hear that it takes no room any more.
      writes.do(() => {}).catch(() => {});
    }
    if (this.#file === undefined) arriving.waiting.letGo(this.#first?.length ?? 0);
    else arriving.endFile();
    arriving.end();
  }
}

/** Whether a file of that length may begin beside all that are on their way here. */
export function mayArrive({ arriving, room }: Pick<DraftParts, 'arriving' | 'room'>, length: number): boolean {
  return arriving.fileBytes + bytesAsFile(length) <= room.mostInFiles();
}
