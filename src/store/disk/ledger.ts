import { decodeEntry, type Entry, encodeEntry, lastTurn, turnKey, turnOf, type Where } from './entry.ts';
import type { Environment } from './environment.ts';
import type { HotPlaces } from './hot-places.ts';
import { bytesAsFile, type Room } from './room.ts';
import type { SharedArriving } from './shared-arriving.ts';
import type { Tightness } from './tightness.ts';

/** What is to be put in a place. */
export interface Putting {
  readonly where: Where;
  readonly id: Buffer;
  readonly length: number;
  readonly head: Buffer;
  /** Of a record whose content is inside. */
  readonly content: Uint8Array | undefined;
  /** Wall time in ms. */
  readonly keepUntil: number;
}

/** Some room was made, but the transaction has become long enough: the same again in the next one. */
export const later = Symbol('later');

const totalsKey = Buffer.from('totals');

/** Most records that one transaction drops to make room, as nobody else may write meanwhile, and this process does nothing else: about 5 ms. */
const maxDropped = 64;
/** Most that it spares as they are in use. */
const maxSpared = 32;
/** Records dropped between two measurements, which cost as much as dropping a few; fewer where they are large. */
const droppedAtOnce = 32;
const freedAtOnceBytes = 256 * 1024;

/** Who else has a say in what is dropped. */
export interface LedgerParts {
  readonly environment: Environment;
  readonly room: Room;
  readonly hot: HotPlaces;
  /** Bytes of files that are on their way. */
  readonly arrivingBytes: () => number;
  readonly shared: SharedArriving;
  readonly tightness: Tightness;
  /** Wall time in ms. */
  readonly now: () => number;
}

/** All that is done to records, within transactions: `begin` is first and `end` last in each, and `committed` comes after it. */
export class Ledger {
  readonly #environment: Environment;
  readonly #room: Room;
  readonly #hot: HotPlaces;
  readonly #arrivingBytes: () => number;
  readonly #shared: SharedArriving;
  readonly #tightness: Tightness;
  readonly #now: () => number;
  /** As of the transaction. */
  #fileBytes = 0;
  #turn = 0;
  #othersArriving = 0;
  #dropped = 0;
  #spared = 0;
  #unused: Buffer[] = [];
  /** Records dropped to make room, since the start. */
  evictions = 0;

  constructor({ environment, room, hot, arrivingBytes, shared, tightness, now }: LedgerParts) {
    this.#environment = environment;
    this.#room = room;
    this.#hot = hot;
    this.#arrivingBytes = arrivingBytes;
    this.#shared = shared;
    this.#tightness = tightness;
    this.#now = now;
  }

  begin(): void {
    const totals = this.#environment.facts.get(totalsKey);
    this.#fileBytes = totals?.readUIntBE(0, 6) ?? 0;
    this.#turn = totals?.readUIntBE(6, 6) ?? 0;
    this.#othersArriving = this.#shared.others();
    this.#dropped = 0;
    this.#spared = 0;
    this.#unused = [];
    this.#room.begin(this.#fileBytes + this.#arriving, this.#othersArriving);
  }

  end(): void {
    const totals = Buffer.allocUnsafe(12);
    totals.writeUIntBE(this.#fileBytes, 0, 6);
    totals.writeUIntBE(this.#turn, 6, 6);
    this.#environment.facts.put(totalsKey, totals);
    this.#shared.tell(this.#arrivingBytes());
    this.#tightness.note();
  }

  /** The ids of files that no record has any more. */
  committed(): readonly Buffer[] {
    this.evictions += this.#dropped;
    this.#tightness.tell();
    return this.#unused;
  }

  /** Bytes of all files with content on the shelf, outside of a transaction. */
  fileBytes(): number {
    return this.#environment.facts.get(totalsKey)?.readUIntBE(0, 6) ?? 0;
  }

  /** False where room can't be made. */
  put(place: Buffer, putting: Putting): boolean | typeof later {
    const { where, id, length, head, content, keepUntil } = putting;
    const made = this.#makeRoom(where, head.length + (content?.length ?? 0));
    if (made !== true) return made;
    this.remove(place);
    const { records, turns, files, content: contents } = this.#environment;
    const turn = this.#nextTurn();
    records.put(place, encodeEntry({ where, id, length, turn, keepUntil, head }));
    turns.put(turnKey(where, turn), place);
    if (where === 'file') {
      files.put(id, place);
      this.#fileBytes += bytesAsFile(length);
    } else if (content !== undefined) {
      contents.put(id, content);
    }
    this.#room.took(head.length + (content?.length ?? 0));
    return true;
  }

  /** Puts another head over the same content, where the head is exactly that one. */
  replace(place: Buffer, before: Uint8Array, after: Buffer, keepUntil: number): boolean | typeof later {
    if (!this.#entryAt(place)?.head.equals(before)) return false;
    const made = after.length <= before.length || this.#makeRoom('inside', after.length);
    if (made !== true) return made;
    // It may have been what had to go, or be spared with another turn.
    const entry = this.#entryAt(place);
    if (entry === undefined) return false;
    this.#environment.records.put(place, encodeEntry({ ...entry, head: after, keepUntil }));
    if (after.length > before.length) this.#room.took(after.length);
    return true;
  }

  /** Whether there was one; `before` as for `replace`. */
  remove(place: Buffer, before?: Uint8Array): boolean {
    const entry = this.#entryAt(place);
    if (entry === undefined || (before !== undefined && !entry.head.equals(before))) return false;
    this.#drop(place, entry);
    return true;
  }

  /** Makes room for what is on its way to files; false where there is no room for all of it whatever is dropped. */
  admit(): boolean | typeof later {
    return this.#arriving <= this.#room.mostInFiles() && this.#makeRoom('file', 0);
  }

  /** Drops what there is no room for, as where the limit has become smaller, or others have filled the file system. */
  giveWay(): boolean | typeof later {
    return this.#makeRoom('inside', 0);
  }

  /** Drops records, the oldest first, until there is room for so many bytes more in the database, and for all files; those in use have a second chance. */
  #makeRoom(where: Where, bytes: number): boolean | typeof later {
    const files = this.#dropWhile(() => this.#room.lacksFiles(), true);
    if (files === later || (!files && where === 'file')) return files;
    return this.#room.mayTakePages(bytes) && this.#dropWhile(() => this.#room.lacksPages(bytes), false);
  }

  #dropWhile(lacks: () => boolean, onlyFiles: boolean): boolean | typeof later {
    while (lacks()) {
      const before = this.#dropped;
      for (let freed = 0; freed < freedAtOnceBytes && this.#dropped - before < droppedAtOnce; ) {
        if (this.#dropped + this.#spared >= maxDropped) return later;
        const bytes = this.#dropOldest(onlyFiles);
        if (bytes === undefined) break;
        freed += bytes;
      }
      if (this.#dropped === before) return false;
      this.#measure();
    }
    return true;
  }

  /** How many bytes of head and content have gone; undefined where there is nothing. */
  #dropOldest(onlyFiles: boolean): number | undefined {
    for (;;) {
      const oldest = this.#oldest(onlyFiles);
      if (oldest === undefined) return undefined;
      const { where, turn, place } = oldest;
      const entry = this.#entryAt(place);
      if (entry === undefined || entry.turn !== turn) {
        this.#environment.turns.remove(turnKey(where, turn));
        continue;
      }
      if (this.#spared < maxSpared && entry.keepUntil > this.#now() && this.#hot.has(place)) {
        this.#spare(place, entry);
        continue;
      }
      this.#drop(place, entry);
      this.#dropped += 1;
      return entry.head.length + entry.length;
    }
  }

  #oldest(onlyFiles: boolean): { readonly where: Where; readonly turn: number; readonly place: Buffer } | undefined {
    const file = this.#oldestOf('file');
    const inside = onlyFiles ? undefined : this.#oldestOf('inside');
    if (file === undefined || inside === undefined) return file ?? inside;
    return file.turn < inside.turn ? file : inside;
  }

  #oldestOf(where: Where): { readonly where: Where; readonly turn: number; readonly place: Buffer } | undefined {
    const range = { from: turnKey(where, 0), to: turnKey(where, lastTurn), limit: 1 };
    const first = this.#environment.turns.range(range)[0];
    return first && { where, turn: turnOf(first.key), place: first.value };
  }

  #spare(place: Buffer, entry: Entry): void {
    const { records, turns } = this.#environment;
    const turn = this.#nextTurn();
    turns.remove(turnKey(entry.where, entry.turn));
    turns.put(turnKey(entry.where, turn), place);
    records.put(place, encodeEntry({ ...entry, turn }));
    this.#spared += 1;
  }

  #drop(place: Buffer, { where, id, length, turn }: Entry): void {
    const { records, turns, files, content } = this.#environment;
    records.remove(place);
    turns.remove(turnKey(where, turn));
    if (where === 'file') {
      files.remove(id);
      this.#fileBytes -= bytesAsFile(length);
      this.#unused.push(Buffer.from(id));
    } else if (length > 0) {
      content.remove(id);
    }
  }

  #entryAt(place: Buffer): Entry | undefined {
    const bytes = this.#environment.records.get(place);
    return bytes && decodeEntry(bytes);
  }

  #nextTurn(): number {
    this.#turn += 1;
    return this.#turn;
  }

  /** Bytes of files that are on their way, here and elsewhere. */
  get #arriving(): number {
    return this.#arrivingBytes() + this.#othersArriving;
  }

  #measure(): void {
    this.#room.measure(this.#fileBytes + this.#arriving);
  }
}
