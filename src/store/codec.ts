import type { CacheKey } from '../key/cache-key.ts';
import type { Aging } from '../policy/age.ts';
import type { LifetimeEnd, LifetimeSource, StoredResponse } from '../policy/stored.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';

/**
 * The head of a stored response as one run of bytes, version 3: what a shelf holds that keeps no objects. Numbers are little-endian.
 *
 *     0   u8    magic                 16  f64   serial, generation, dateValue, responseTime, correctedInitialAge, freshness.lifetime,
 *     1   u8    version                         and what the flags announce: staleWhileRevalidate, staleIfError, lastModified, extent (3)
 *     2   u16   status                ..  u7*   counts, and a mark for each text
 *     4   u32   bytes in all          ..        the texts, one byte a character
 *     8   u16   flags
 *     10  u8    freshness.source
 *     11  u8    ended: 0 not so, 1 purged, 2 outdated
 *     12  u32   bytes of text
 *
 * `u7*` is a number of up to 28 bits, seven to a byte, the lowest first; every byte but the last has its top bit set. A mark is twice the length of a text that is written out, or one more
 * than twice the place of a text that is known: in `wellKnown`, or beyond its end in the fields. `writeStored` has the order. A change of any of this is another version, and
 * `fixtures/store-format/` gets a sample of it. Version 2, whose lifetimes nothing had ended, and version 1, which had no tags either, are read still.
 */
const magic = 0xe7;
const version = 3;
const versionWithoutTags = 1;
const headBytes = 16;

/** What is either there or not. Their order is part of the format. */
const flags = {
  alwaysValidate: 1 << 0,
  immutable: 1 << 1,
  staleProhibited: 1 << 2,
  staleWhileRevalidate: 1 << 3,
  staleIfError: 1 << 4,
  lastModified: 1 << 5,
  extent: 1 << 6,
  entityTag: 1 << 7,
  weak: 1 << 8,
  /** The opaque part of the entity-tag is another text than the whole. */
  opaque: 1 << 9,
  search: 1 << 10,
  except: 1 << 11,
  keyOrderMatters: 1 << 12,
  closeDelimited: 1 << 13,
};
const everyFlag = (1 << 14) - 1;

const sourceNumbers: Readonly<Record<LifetimeSource, number>> = {
  none: 0,
  's-maxage': 1,
  'max-age': 2,
  expires: 3,
  heuristic: 4,
  'default-ttl': 5,
  'route-ttl': 6,
  'assumed-ttl': 7,
  'forced-ttl': 8,
};
const sources = Object.keys(sourceNumbers) as LifetimeSource[];

/** What has ended the lifetime, by its number. */
const ends: readonly (LifetimeEnd | undefined)[] = [undefined, 'purged', 'outdated'];

/**
 * The record of a head. Undefined where it can't be written so that it could be read again: a text that is not Latin-1, which no field of a message is, or a
 * number out of all reason.
 */
export function encodeRecord(stored: StoredResponse): Buffer | undefined {
  if (!Number.isInteger(stored.status) || stored.status < 0 || stored.status > 0xffff) return undefined;
  const writer = new RecordWriter();
  writeStored(writer, stored);
  const bytes = writer.finish(headBytes);
  if (bytes === undefined) return undefined;
  bytes[0] = magic;
  bytes[1] = version;
  bytes.writeUInt16LE(stored.status, 2);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt16LE(flagsOf(stored), 8);
  bytes[10] = sourceNumbers[stored.freshness.source];
  bytes[11] = ends.indexOf(stored.ended);
  bytes.writeUInt32LE(writer.textLength, 12);
  return bytes;
}

function writeStored(writer: RecordWriter, stored: StoredResponse): void {
  const { nominatedFields, fields, preconditions, groups, tags, search, entityTag } = stored;
  for (const number of numbersOf(stored)) writer.number(number);
  writer.count(nominatedFields.length);
  writer.count(fields.length);
  writer.count(preconditions.length);
  writer.count(groups.length);
  writer.count(tags.length);
  writer.count(search === undefined ? 0 : search.variation.names.size);
  writer.text(stored.key);
  writer.text(stored.variant);
  writer.texts(nominatedFields);
  writer.fields(fields);
  for (const text of preconditions) writer.repeated(text);
  writer.texts(groups);
  writer.texts(tags);
  if (search !== undefined) {
    writer.texts(search.variation.names);
    writer.text(search.significant);
  }
  if (entityTag !== undefined) writer.repeated(entityTag.text);
  if (entityTag !== undefined && entityTag.opaque !== entityTag.text) writer.text(entityTag.opaque);
}

function numbersOf(stored: StoredResponse): number[] {
  const { serial, generation, dateValue, responseTime, correctedInitialAge, freshness, extent } = stored;
  const numbers = [serial, generation, dateValue, responseTime, correctedInitialAge, freshness.lifetime];
  if (!isNothing(stored.staleWhileRevalidate)) numbers.push(stored.staleWhileRevalidate);
  if (!isNothing(stored.staleIfError)) numbers.push(stored.staleIfError);
  if (stored.lastModified !== undefined) numbers.push(stored.lastModified);
  if (extent !== undefined) numbers.push(extent.first, extent.last, extent.length);
  return numbers;
}

/** Zero is left out; its negative is another number. */
function isNothing(number: number): boolean {
  return Object.is(number, 0);
}

function flagsOf(stored: StoredResponse): number {
  const { entityTag, search } = stored;
  let set = 0;
  if (stored.alwaysValidate) set |= flags.alwaysValidate;
  if (stored.immutable) set |= flags.immutable;
  if (stored.closeDelimited) set |= flags.closeDelimited;
  if (stored.staleProhibited) set |= flags.staleProhibited;
  if (!isNothing(stored.staleWhileRevalidate)) set |= flags.staleWhileRevalidate;
  if (!isNothing(stored.staleIfError)) set |= flags.staleIfError;
  if (stored.lastModified !== undefined) set |= flags.lastModified;
  if (stored.extent !== undefined) set |= flags.extent;
  if (entityTag !== undefined) set |= flags.entityTag;
  if (entityTag?.weak === true) set |= flags.weak;
  if (entityTag !== undefined && entityTag.opaque !== entityTag.text) set |= flags.opaque;
  if (search !== undefined) set |= flags.search;
  if (search?.variation.mode === 'except') set |= flags.except;
  if (search?.variation.keyOrderMatters === true) set |= flags.keyOrderMatters;
  return set;
}

/** A head that was read. */
export interface Decoded {
  readonly stored: StoredResponse;
  /** Bytes of its record: where it lies together with content, that begins here. */
  readonly length: number;
}

/**
 * Reads the record that begins at `start`; what comes after it, up to `end`, is no business of it. Undefined where the bytes are no record of this version, or
 * don't agree with one another; nothing outside of them is read. Damage that leaves their form alone is not found: who keeps records where bytes may
 * change has to sum them up.
 */
export function decodeRecord(bytes: Buffer, start = 0, end = bytes.length): Decoded | undefined {
  if (end - start < headBytes || bytes[start] !== magic) return undefined;
  const written = bytes[start + 1];
  if (written === undefined || written < versionWithoutTags || written > version) return undefined;
  const length = bytes.readUInt32LE(start + 4);
  const set = bytes.readUInt16LE(start + 8);
  const source = sources[bytes[start + 10] as number];
  const endNumber = bytes[start + 11] as number;
  const textLength = bytes.readUInt32LE(start + 12);
  if (length > end - start || textLength > length - headBytes || set > everyFlag || source === undefined)
    return undefined;
  if (endNumber >= (written < version ? 1 : ends.length)) return undefined;
  const recordEnd = start + length;
  const reader = new RecordReader(bytes, { at: start + headBytes, textAt: recordEnd - textLength, end: recordEnd });
  const stored = readStored(reader, {
    status: bytes.readUInt16LE(start + 2),
    set,
    source,
    ended: ends[endNumber],
    hasTags: written !== versionWithoutTags,
  });
  return reader.isAtEnd ? { stored, length } : undefined;
}

interface Fixed {
  readonly status: number;
  readonly set: number;
  readonly source: LifetimeSource;
  readonly ended: LifetimeEnd | undefined;
  readonly hasTags: boolean;
}

/** Everything in its order in the record, which is the order of these lines. */
function readStored(reader: RecordReader, { status, set, source, ended, hasTags }: Fixed): StoredResponse {
  const has = (flag: number): boolean => (set & flag) !== 0;
  const serial = reader.number();
  const generation = reader.number();
  const dateValue = reader.number();
  const responseTime = reader.number();
  const correctedInitialAge = reader.number();
  const lifetime = reader.number();
  const staleWhileRevalidate = has(flags.staleWhileRevalidate) ? reader.number() : 0;
  const staleIfError = has(flags.staleIfError) ? reader.number() : 0;
  const lastModified = has(flags.lastModified) ? reader.number() : undefined;
  const extent = has(flags.extent) ? readRange(reader) : undefined;
  const [nominated, lines, conditions, groupCount, tagCount, nameCount] = readCounts(reader, hasTags);
  const key = reader.text() as StoredResponse['key'];
  const variant = reader.text() as StoredResponse['variant'];
  const nominatedFields = reader.texts(nominated);
  const fields = reader.fields(lines);
  const preconditions = reader.pairs(conditions);
  const groups = reader.texts(groupCount);
  const tags = reader.texts(tagCount);
  const search = has(flags.search) ? readSearch(reader, nameCount, set) : undefined;
  const entityTag = has(flags.entityTag) ? readEntityTag(reader, set) : undefined;
  return {
    key,
    nominatedFields,
    variant,
    status,
    fields,
    dateValue,
    responseTime,
    correctedInitialAge,
    freshness: { lifetime, source },
    ended,
    alwaysValidate: has(flags.alwaysValidate),
    immutable: has(flags.immutable),
    closeDelimited: has(flags.closeDelimited),
    staleProhibited: has(flags.staleProhibited),
    staleWhileRevalidate,
    staleIfError,
    entityTag,
    lastModified,
    preconditions,
    groups,
    tags,
    search,
    extent,
    generation,
    serial,
  };
}

function readCounts(reader: RecordReader, hasTags: boolean): [number, number, number, number, number, number] {
  const [nominated, lines, conditions, groups] = [reader.count(), reader.count(), reader.count(), reader.count()];
  return [nominated, lines, conditions, groups, hasTags ? reader.count() : 0, reader.count()];
}

function readRange(reader: RecordReader): { first: number; last: number; length: number } {
  return { first: reader.number(), last: reader.number(), length: reader.number() };
}

function readSearch(reader: RecordReader, nameCount: number, set: number): StoredResponse['search'] {
  const names = new Set(reader.texts(nameCount));
  const mode = (set & flags.except) === 0 ? 'params' : 'except';
  return {
    variation: { mode, names, keyOrderMatters: (set & flags.keyOrderMatters) !== 0 },
    significant: reader.text(),
  };
}

function readEntityTag(reader: RecordReader, set: number): StoredResponse['entityTag'] {
  const text = reader.text();
  const opaque = (set & flags.opaque) === 0 ? text : reader.text();
  return { weak: (set & flags.weak) !== 0, opaque, text };
}

/** The serial of the record that begins at `start`, without reading the rest. */
export function serialOfRecord(bytes: Buffer, start: number): number {
  return bytes.readDoubleLE(start + headBytes);
}

const bytesOfNumber = 8;

/** Where the numbers stand that can be read, or written, by themselves. */
const places = { generation: 1, responseTime: 3, correctedInitialAge: 4, lifetime: 5 };

function placeOf(start: number, number: keyof typeof places): number {
  return start + headBytes + bytesOfNumber * places[number];
}

/** The generation of the record that begins at `start`, without reading the rest. */
export function generationOfRecord(bytes: Buffer, start: number): number {
  return bytes.readDoubleLE(placeOf(start, 'generation'));
}

/** What the age of the record's response is counted from, without reading the rest. */
export function agingOfRecord(bytes: Buffer, start: number): Aging {
  return {
    responseTime: bytes.readDoubleLE(placeOf(start, 'responseTime')),
    correctedInitialAge: bytes.readDoubleLE(placeOf(start, 'correctedInitialAge')),
    freshness: {
      lifetime: bytes.readDoubleLE(placeOf(start, 'lifetime')),
      source: sources[bytes[start + 10] as number] as LifetimeSource,
    },
  };
}

/** Gives the record the lifetime of one that was purged, in its place; false where it has that already. */
export function purgeRecord(bytes: Buffer, start: number, lifetime: number): boolean {
  const place = placeOf(start, 'lifetime');
  const purged = ends.indexOf('purged');
  if (bytes[start + 11] === purged && bytes.readDoubleLE(place) === lifetime) return false;
  bytes[start + 11] = purged;
  bytes.writeDoubleLE(lifetime, place);
  return true;
}

/** The key of a record of this version, without reading the rest: it is the first of the texts, and none that is well known. */
export function keyOfRecord(bytes: Buffer, start: number): CacheKey {
  const set = bytes.readUInt16LE(start + 8);
  let at = start + headBytes + bytesOfNumber * (leastNumbers + numbersAnnounced(set));
  for (let count = 0; count < countsOfRecord; count++) at = afterMark(bytes, at);
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const textAt = start + bytes.readUInt32LE(start + 4) - bytes.readUInt32LE(start + 12);
  return bytes.toString('latin1', textAt, textAt + (length >>> 1)) as CacheKey;
}

const leastNumbers = 6;
const countsOfRecord = 6;

/** How many numbers the flags announce beside those that every record has. */
function numbersAnnounced(set: number): number {
  let numbers = 0;
  for (const flag of [flags.staleWhileRevalidate, flags.staleIfError, flags.lastModified])
    if ((set & flag) !== 0) numbers++;
  return (set & flags.extent) === 0 ? numbers : numbers + 3;
}

function afterMark(bytes: Buffer, start: number): number {
  let at = start;
  while ((bytes[at] as number) >= 0x80) at++;
  return at + 1;
}
