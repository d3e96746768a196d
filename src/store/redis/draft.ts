import { type Committed, type Draft, pieceBytes, type Place } from '../backing.ts';
import { Backlog, type Waiting } from '../waiting.ts';
import { type Argument, argumentOf, RedisRefusal } from './connection.ts';
import { StoredPieces } from './content.ts';
import type { RedisLimits } from './limits.ts';
import { noPieces, putRecord } from './row-scripts.ts';
import { descriptionOf, type RowParts } from './rows.ts';
import { run } from './servers.ts';

export interface DraftParts extends RowParts {
  /** The name of the log of orders; undefined where that can't be told now: nothing is put anywhere then. */
  readonly log: () => string | undefined;
  /** Hears of what kept a record from being put. */
  readonly refused: (error: Error) => void;
  /** A record was put. */
  readonly taken: () => void;
  /** What of all drafts was sent, and not answered yet. */
  readonly waiting: Waiting;
}

/** A head that is to be seen from now on. */
interface Showing {
  readonly head: Uint8Array;
  readonly ms: number;
  readonly log: string;
  readonly orders: number | undefined;
}

/**
 * A record on its way to Redis. Content of one piece waits for the head, and goes with it; the pieces of a larger one go under keys of their own as they come, and the head, in one step, when all of them are there.
 */
export class RedisDraft implements Draft {
  readonly #parts: DraftParts;
  readonly #place: Place;
  readonly #backlog: Backlog;
  readonly #isLong: boolean;
  #only: Buffer | undefined;
  #pieces: StoredPieces | undefined;
  #length = 0;
  #writing: Promise<void>[] = [];
  #failure: Error | undefined;
  #isOver = false;

  /** @param expectedLength Of its content, where that is known. */
  constructor(parts: DraftParts, place: Place, expectedLength: number | undefined) {
    this.#parts = parts;
    this.#place = place;
    this.#backlog = new Backlog(parts.waiting);
    this.#isLong = (expectedLength ?? 0) > pieceBytes;
  }

  write(piece: Uint8Array): boolean {
    if (this.#isOver) return false;
    this.#length += piece.length;
    if (this.#failure !== undefined || this.#length > this.#parts.limits.maxContentBytes) {
      this.abort();
      return false;
    }
    const bytes = argumentOf(piece);
    if (this.#only === undefined && this.#pieces === undefined && !this.#isLong) {
      this.#only = bytes;
      return true;
    }
    const pieces = this.#only === undefined ? [bytes] : [this.#only, bytes];
    this.#only = undefined;
    if (pieces.every((each) => this.#put(each))) return true;
    this.abort();
    return false;
  }

  get behind(): Promise<void> | undefined {
    return this.#isOver ? undefined : this.#backlog.behind;
  }

  async commit(head: Uint8Array, keepMs: number, orders?: number): Promise<Committed> {
    if (this.#isOver) return false;
    this.#isOver = true;
    const { limits, log, refused } = this.#parts;
    const ms = keptFor(keepMs, limits);
    const name = log();
    try {
      await Promise.all(this.#writing);
      const isWhole = this.#pieces === undefined || (await this.#pieces.keep(ms));
      if (isWhole && name !== undefined && head.length <= limits.maxHeadBytes) {
        if (await this.#show({ head, ms, log: name, orders })) return true;
        this.#isOver = false;
        return 'ordered';
      }
    } catch (error) {
      refused(error as Error);
      // Whatever was not answered may be done yet: what is not known to be of no use has to stay.
      if (!(error instanceof RedisRefusal)) return false;
    }
    this.#drop();
    return false;
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drop();
  }

  /** Sends a piece; false where too much is under way. */
  #put(piece: Buffer): boolean {
    if (!this.#parts.waiting.hold(piece.length)) return false;
    this.#backlog.begin(piece.length);
    this.#pieces ??= new StoredPieces(this.#parts, this.#place);
    const written = this.#noting(this.#pieces.put(piece)).finally(() => this.#backlog.end(piece.length));
    // Told by then, and what comes of it is told by the commit.
    written.catch(() => {});
    this.#writing.push(written);
    return true;
  }

  async #noting(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (error) {
      if (this.#failure === undefined) this.#parts.refused(error as Error);
      this.#failure ??= error as Error;
      throw error;
    }
  }

  /** False where there is a later order than `orders`. */
  async #show({ head, ms, log, orders }: Showing): Promise<boolean> {
    const { servers, keys, limits } = this.#parts;
    const { row, variant } = this.#place;
    const args: Argument[] = [variant, log, String(ms), String(this.#length), this.#pieces?.name ?? noPieces];
    args.push(argumentOf(head), orders === undefined ? '' : String(orders));
    if (this.#pieces === undefined) args.push(this.#only ?? Buffer.alloc(0));
    const key = keys.row(row);
    const where: [string, ...string[]] = servers.isOne ? [key, keys.log] : [key];
    const before = await run(servers, putRecord, { keys: where, args }, { ms: limits.workMs });
    this.#parts.taken();
    letGoOf(this.#parts, this.#place, before);
    return before !== 1;
  }

  #drop(): void {
    const pieces = this.#pieces;
    if (pieces === undefined) return;
    void Promise.allSettled(this.#writing)
      .then(() => pieces.drop())
      .catch(() => undefined);
  }
}

/** Lets go of the content of a record whose description a script has replied, as it is not in its place any more. Nobody waits for that: it goes by itself at last. */
export function letGoOf(parts: RowParts, place: Place, description: unknown): void {
  const { content, length } = (Buffer.isBuffer(description) ? descriptionOf(description) : undefined) ?? {};
  if (content === undefined || length === undefined) return;
  new StoredPieces(parts, place, { name: content, length }).letGo().catch(() => undefined);
}

/** Milliseconds for which a record is kept that may be of use for so long. */
export function keptFor(keepMs: number, { maxKeepMs }: RedisLimits): number {
  return Math.round(Math.min(Math.max(keepMs, 1), maxKeepMs));
}
