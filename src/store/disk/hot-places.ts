import type { Place } from '../backing.ts';
import { keysBeginning, placeBytes, placeKey, placeOf } from './entry.ts';
import type { Environment } from './environment.ts';

/** Most places that an instance remembers. */
const maxPlaces = 32_768;
/** How long the lists of others may be out of date, in ms. */
const listsAgeMs = 10_000;
/** After which a list is forgotten that nobody has replaced, in ms. */
const listsLastMs = 7 * 24 * 3_600_000;

const listPrefix = 'hot:';
const timeBytes = 6;

/** Which records are in use, so that they are dropped later than others: as the instances that share the shelf have said, and by what was read here since. */
export class HotPlaces {
  readonly #environment: Environment;
  readonly #key: Buffer;
  /** Wall time in ms. */
  readonly #now: () => number;
  /** What the lists say, and when that was read. */
  #listed = new Set<number>();
  #listedAt = Number.NEGATIVE_INFINITY;
  /** Read here: of late, and before. */
  #read = new Set<number>();
  #readBefore = new Set<number>();

  constructor(environment: Environment, instance: string, now: () => number) {
    this.#environment = environment;
    this.#key = Buffer.from(listPrefix + instance);
    this.#now = now;
  }

  /** A record was read. */
  used(place: Buffer): void {
    if (this.#read.size >= maxPlaces) {
      this.#readBefore = this.#read;
      this.#read = new Set();
    }
    this.#read.add(digestOf(place, 0));
  }

  has(place: Buffer): boolean {
    const digest = digestOf(place, 0);
    return this.#read.has(digest) || this.#readBefore.has(digest) || this.#lists().has(digest);
  }

  /** Within a transaction: what this instance has in use, the most used first. */
  save(places: readonly Place[]): void {
    const list = Buffer.allocUnsafe(timeBytes);
    list.writeUIntBE(this.#now(), 0, timeBytes);
    const value = Buffer.concat([list, ...places.slice(0, maxPlaces).map(placeKey)]);
    this.#environment.facts.put(this.#key, value);
    for (const { key, value: other } of this.#all()) {
      if (this.#now() - other.readUIntBE(0, timeBytes) > listsLastMs) this.#environment.facts.remove(key);
    }
    this.#listedAt = Number.NEGATIVE_INFINITY;
  }

  /** Of all instances, each one's most used before the next of any. */
  hottest(limit: number): readonly Place[] {
    const lists = this.#all().map(({ value }) => value);
    const found = new Map<string, Place>();
    const longest = Math.max(0, ...lists.map((list) => list.length));
    for (let at = timeBytes; at < longest && found.size < limit; at += placeBytes) {
      for (const list of lists) {
        const key = list.subarray(at, at + placeBytes);
        if (key.length === placeBytes && found.size < limit) found.set(key.toString('latin1'), placeOf(key));
      }
    }
    return [...found.values()];
  }

  #lists(): ReadonlySet<number> {
    if (this.#now() - this.#listedAt < listsAgeMs) return this.#listed;
    this.#listed = new Set();
    const lists = this.#all();
    // However many instances there are, requests wait no longer for it; each list has the most used first.
    const end = timeBytes + Math.ceil(maxPlaces / Math.max(1, lists.length)) * placeBytes;
    for (const { value } of lists) {
      const last = Math.min(end, value.length) - placeBytes;
      for (let at = timeBytes; at <= last; at += placeBytes) this.#listed.add(digestOf(value, at));
    }
    this.#listedAt = this.#now();
    return this.#listed;
  }

  #all(): { readonly key: Buffer; readonly value: Buffer }[] {
    return this.#environment.facts.range({ ...keysBeginning(listPrefix), limit: 256 });
  }
}

/** Of a place that begins there: what it is cut to is enough to tell them apart but for one in many millions, which is then dropped later than it might be. */
function digestOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 12) * 2 ** 16 + bytes.readUInt16BE(at + 22);
}
