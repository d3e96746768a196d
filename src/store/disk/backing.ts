import { randomBytes } from 'node:crypto';
import type { Backing, BackingPage, BackingStats, Draft, Found, Lying, Pieces, Place } from '../backing.ts';
import { pieceBytes } from '../backing.ts';
import type { HotList } from '../lower.ts';
import { type After, afterwards } from './afterwards.ts';
import { Arriving } from './arriving.ts';
import type { Bus } from './bus.ts';
import { makeFolder, othersAt, prepareDirectory } from './directory.ts';
import { DiskDraft, type DraftParts, mayArrive } from './draft.ts';
import { decodeEntry, type Entry, placeBytes, placeKey, placeOf, rowKeys } from './entry.ts';
import { type Environment, type OpenEnvironment, openLmdb } from './environment.ts';
import { type Files, systemFiles } from './files.ts';
import { HotPlaces } from './hot-places.ts';
import { Ids } from './ids.ts';
import { type Layout, layoutOf, temporaryPath, writerOf } from './layout.ts';
import { Ledger } from './ledger.ts';
import { OpenFiles } from './open-files.ts';
import { openDatabase, removeSetAside } from './opening.ts';
import { DiskOrderLog } from './order-log.ts';
import { alone, beginToUse, type Sharing } from './owner.ts';
import { isRunning } from './process-mark.ts';
import { DirectoryRefused, refusalFor } from './refused.ts';
import { leastDiskBytes, reserveBytes, Room } from './room.ts';
import { SharedArriving } from './shared-arriving.ts';
import { Space } from './space.ts';
import { sweepContent, sweepTemporary } from './sweep.ts';
import { takeDirectory } from './taking.ts';
import { Tightness } from './tightness.ts';
import { Trouble } from './trouble.ts';
import { Writes } from './writes.ts';
import { Waiting } from '../waiting.ts';

export interface DiskOptions {
  /** Made where there is none; nothing else may be in it. */
  readonly directory: string;
  /** What all files in it together may take; at least `leastDiskBytes`. */
  readonly maxBytes: number;
  /** Content on its way to it that may wait in memory, in bytes. */
  readonly maxWaitingBytes?: number;
  /** A name of this process that it keeps when it is started again; what it has in use is remembered by it. */
  readonly instance: string;
  /** The way to the others that share the shelf. */
  readonly bus?: Bus | undefined;
  /** With whom it is shared; absent: with nobody. */
  readonly sharedBy?: Sharing | undefined;
  /** One line for the operator. */
  readonly warn: (line: string) => void;
  /** Wall time in ms. */
  readonly now?: () => number;
  readonly files?: Files;
  readonly openEnvironment?: OpenEnvironment;
  readonly after?: After;
}

const defaultWaitingBytes = 32 * 2 ** 20;

/** Address space for the database beyond what it may grow to: what is freed is not used again at once. */
const mapReserveBytes = 256 * 2 ** 20;

/**
 * Opens a shelf on a disk.
 *
 * @throws DirectoryRefused where the directory can't be one, or somebody else uses it.
 */
export async function openDisk(options: DiskOptions): Promise<DiskBacking> {
  const { directory, maxBytes, warn, files = systemFiles, sharedBy = alone() } = options;
  const { now = Date.now, after = afterwards } = options;
  if (maxBytes < leastDiskBytes)
    throw new DirectoryRefused(`a shelf on a disk takes at least ${leastDiskBytes} bytes, not ${maxBytes}`);
  const layout = layoutOf(directory);
  const open = options.openEnvironment ?? openLmdb;
  try {
    await prepareDirectory(files, layout);
    const release = await takeDirectory({ files, layout, after }, sharedBy);
    try {
      const setAside = (await files.facts(layout.setAside))?.identity;
      const environment = await openDatabase({ files, layout, open, mapBytes: maxBytes + mapReserveBytes, warn });
      const close = async (): Promise<void> => {
        try {
          await environment.close();
        } finally {
          await release();
        }
      };
      try {
        // Its transactions are flushed, but not its name.
        for (const each of [layout.database, directory]) await files.syncDirectory(each);
        const left = await files.list(layout.temporary);
        const others = await othersAt(files, layout);
        const marked = (await files.facts(layout.marker))?.identity;
        const openedAt = now();
        const isFirst = await beginToUse(environment, sharedBy);
        if (isFirst) {
          for (const line of others) warn(line);
          await removeSetAside({ files, layout }, setAside);
        }
        await sweepTemporary(files, layout, isFirst ? left : left.filter((name) => !isRunning(writerOf(name))));
        const parts = { files, now, sharedBy, layout, environment, close, marked, isFirst, openedAt };
        return new DiskBacking({ ...options, ...parts });
      } catch (error) {
        await environment.close();
        throw error;
      }
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw refusalFor(directory, error);
  }
}

interface DiskParts extends DiskOptions {
  readonly files: Files;
  readonly now: () => number;
  readonly sharedBy: Sharing;
  readonly layout: Layout;
  readonly environment: Environment;
  /** Closes that, and gives the directory back. */
  readonly close: () => Promise<void>;
  /** The identity of its marker. */
  readonly marked: string | undefined;
  /** Of those who share it. */
  readonly isFirst: boolean;
  /** Wall time in ms; nobody who shares it had begun by then. */
  readonly openedAt: number;
}

/** A shelf on a disk: heads and small content in a database, longer content in files of its own. Made by `openDisk`. */
export class DiskBacking implements Backing, HotList {
  readonly isSwept = true;
  readonly log: DiskOrderLog;
  readonly #parts: DiskParts;
  readonly #environment: Environment;
  readonly #drafting: DraftParts;
  readonly #ids: Ids;
  readonly #hot: HotPlaces;
  readonly #open: OpenFiles;
  readonly #space: Space;
  readonly #trouble: Trouble;
  /** Done when the files are swept that nobody has. */
  readonly swept: Promise<void>;
  #isClosed = false;

  constructor(parts: DiskParts) {
    const { environment, files, layout, maxBytes, now, instance, warn, after = afterwards } = parts;
    const { maxWaitingBytes = defaultWaitingBytes } = parts;
    this.#parts = parts;
    this.#environment = environment;
    this.#ids = new Ids(randomBytes(6), now);
    this.#hot = new HotPlaces(environment, instance, now);
    const attempt = (): Promise<void> => this.#attempt();
    this.#trouble = new Trouble({ warn, after, attempt, directory: layout.directory });
    const failed = (error: unknown): void => this.#trouble.failed(error);
    this.#open = new OpenFiles(files, layout, () => this.#trouble.count());
    const arriving = new Arriving(new Waiting(maxWaitingBytes));
    const room = new Room(environment, maxBytes);
    const arrivingBytes = (): number => arriving.fileBytes;
    const shared = new SharedArriving(environment, instance);
    const { token } = parts.sharedBy;
    const tightness = new Tightness({ environment, room, token, directory: layout.directory, warn });
    const ledger = new Ledger({ environment, room, hot: this.#hot, arrivingBytes, shared, tightness, now });
    const stayed = (): void => this.#trouble.count();
    this.#space = new Space({ files, layout, arriving, room, marked: parts.marked, stayed });
    const check = (bytes: number): Promise<Error | undefined> => this.#space.check(bytes);
    const unused = (ids: readonly Buffer[]): void => this.#space.unlink(ids);
    const writes = new Writes({ environment, ledger, check, unused, failed, after });
    this.log = new DiskOrderLog({ environment, writes, bus: parts.bus, now });
    this.#drafting = { files, layout, arriving, ledger, log: this.log, room, writes, after, now, failed };
    const isClosed = (): boolean => this.#isClosed;
    this.swept = parts.isFirst
      ? sweepContent({ files, layout, environment, openedAt: parts.openedAt, isClosed })
      : Promise.resolve();
    // Where the limit is smaller than it was, or the file system has less.
    writes.do(() => ledger.giveWay()).catch(() => {});
  }

  /** The longest stored is first. */
  row(row: string): Found {
    return this.#reading(() => {
      const orders = this.log.head();
      const rows = this.#environment.records.range(rowKeys(row));
      const found = rows.flatMap(({ key, value }) => {
        const entry = decodeEntry(value);
        return entry === undefined ? [] : { turn: entry.turn, lying: this.#lying(key, entry) };
      });
      return { orders, lying: found.sort((a, b) => a.turn - b.turn).map(({ lying }) => lying) };
    });
  }

  at(place: Place): Lying | undefined {
    return this.#reading(() => {
      const key = placeKey(place);
      const value = this.#environment.records.get(key);
      const entry = value && decodeEntry(value);
      return entry && this.#lying(key, entry);
    });
  }

  draft(place: Place, expectedLength: number | undefined): Draft | undefined {
    const { arriving } = this.#drafting;
    if (this.#isClosed || !this.#trouble.isUp) return undefined;
    if (expectedLength !== undefined && expectedLength > pieceBytes) {
      if (!arriving.hasFilesLeft || !mayArrive(this.#drafting, expectedLength)) return undefined;
    }
    if (!arriving.begin()) return undefined;
    return new DiskDraft(this.#drafting, placeKey(place), this.#ids.next(), expectedLength);
  }

  replace(place: Place, before: Uint8Array, after: Uint8Array, keepMs: number): Promise<boolean> {
    const { writes, ledger, now } = this.#drafting;
    const [was, head] = [Buffer.from(before), Buffer.from(after)];
    return writes.do(() => ledger.replace(placeKey(place), was, head, now() + keepMs), { bytes: head.length });
  }

  remove(place: Place, before?: Uint8Array): Promise<boolean> {
    const { writes, ledger } = this.#drafting;
    const was = before && Buffer.from(before);
    return writes.do(() => ledger.remove(placeKey(place), was));
  }

  scan(cursor: string | undefined, limit: number): BackingPage {
    const after = Buffer.from(cursor ?? '', 'hex');
    if (cursor !== undefined && after.length !== placeBytes) return { lying: [], cursor: undefined };
    return this.#reading(() => {
      const from = cursor === undefined ? Buffer.alloc(1) : Buffer.concat([after, Buffer.alloc(1)]);
      const found = this.#environment.records.range({ from, to: Buffer.alloc(placeBytes + 1, 0xff), limit });
      const last = found.length < limit ? undefined : found.at(-1);
      const lying = found.flatMap(({ key, value }) => {
        const entry = decodeEntry(value);
        return entry === undefined ? [] : this.#lying(key, entry, false);
      });
      return { lying, cursor: last?.key.toString('hex') };
    });
  }

  async save(places: readonly Place[]): Promise<void> {
    await this.#drafting.writes.do(() => this.#hot.save(places));
  }

  read(limit: number): readonly Place[] {
    return this.#reading(() => this.#hot.hottest(limit));
  }

  stats(): BackingStats {
    const { ledger, room } = this.#drafting;
    const { failures, isUp } = this.#trouble;
    const told = { bytesLimit: room.maxBytes, evictions: ledger.evictions, failures, isUp };
    try {
      const bytesUsed = this.#environment.usedBytes() + ledger.fileBytes();
      return { ...told, responses: this.#environment.records.count(), bytesUsed };
    } catch {
      return { ...told, responses: undefined, bytesUsed: undefined };
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#trouble.close();
    this.#open.close();
    await this.swept;
    await this.#drafting.writes.idle();
    await this.#parts.close();
  }

  #lying(key: Buffer, entry: Entry, isUsed = true): Lying {
    if (isUsed) this.#hot.used(key);
    return { place: placeOf(key), head: entry.head, pieces: this.#piecesOf(entry) };
  }

  #piecesOf({ where, id, length }: Entry): Pieces {
    const inside = (index: number): Uint8Array | undefined => (index === 0 ? this.#contentOf(id, length) : undefined);
    if (where === 'inside') return { length, isAtHand: length > 0, read: inside };
    return { length, isAtHand: false, read: (index) => this.#pieceOf(id, length, index) };
  }

  /** Less than there should be is damage; but not where the record is gone, as the file has left with it. */
  async #pieceOf(id: Buffer, length: number, index: number): Promise<Uint8Array | undefined> {
    const piece = await this.#open.read(id, length, index);
    return piece?.length === 0 && !this.#reading(() => this.#environment.files.has(id)) ? undefined : piece;
  }

  #contentOf(id: Buffer, length: number): Uint8Array | undefined {
    if (length === 0) return undefined;
    const content = this.#reading(() => this.#environment.content.get(id));
    return content?.length === length ? content : undefined;
  }

  #reading<T>(read: () => T): T {
    try {
      this.#environment.refresh();
      return read();
    } catch (error) {
      this.#trouble.failed(error);
      throw error;
    }
  }

  /** Has old things give way, and writes and reads as a record would. More has to be free then than is enough as long as all is well. */
  async #attempt(): Promise<void> {
    const { files, layout } = this.#parts;
    await this.#drafting.writes.do(() => this.#drafting.ledger.giveWay());
    const free = await this.#space.look();
    if (free < reserveBytes + pieceBytes) throw new Error(`${free} bytes are left in the file system`);
    const path = temporaryPath(layout, this.#ids.next());
    await makeFolder(files, layout, layout.temporary);
    const descriptor = await files.create(path);
    try {
      await files.write(descriptor, Buffer.alloc(pieceBytes), 0);
    } finally {
      await files.close(descriptor);
      await files.unlink(path);
    }
    await this.#drafting.writes.do(() => this.#environment.records.count(), { bytes: pieceBytes });
  }
}
