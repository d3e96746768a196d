import type { Seconds } from '../http/message.ts';
import type { CacheKey } from '../key/cache-key.ts';
import type { Aging } from '../policy/age.ts';
import { Cells, type Handle } from './cells.ts';
import { agingOfRecord, decodeRecord, generationOfRecord, keyOfRecord, serialOfRecord, purgeRecord } from './codec.ts';
import { type Content, WholeContent } from './content.ts';
import type { Nominating, Shelved } from './store.ts';
import { type Variant, VariantDigests } from './variant-digests.ts';

/** Content in blocks of its own: its objects, and the Buffer of each block with its memory, beside the bytes. Measured. */
const overheadOfContent = 400;
const overheadOfBlock = 400;
const blockBytes = 64 * 1024;

const empty = new WholeContent(new Uint8Array(0));

/** Stored responses as bytes: a small one lies in one cell, its head before its content; the content of a larger one stays in its own blocks. */
export class PackedResponses {
  readonly #cells: Cells;
  readonly #blocks = new Map<Handle, Content>();
  readonly #digests = new VariantDigests();

  /** `segmentBytes`: of the memory in which they lie; see `Cells`. */
  constructor(segmentBytes: number) {
    this.#cells = new Cells(segmentBytes);
  }

  /** Responses in here. */
  get count(): number {
    return this.#cells.count;
  }

  /** Bytes of memory that a response takes: with a record of so many bytes, and content of so many. */
  weightFor(recordBytes: number, contentBytes: number): number {
    if (this.#liesInCell(recordBytes, contentBytes)) return this.#weightOfCell(recordBytes + contentBytes);
    const blocks = Math.ceil(contentBytes / blockBytes);
    return this.#weightOfCell(recordBytes) + contentBytes + overheadOfContent + blocks * overheadOfBlock;
  }

  weightOf(handle: Handle): number {
    const { start, end } = this.#cells.at(handle);
    const blocks = this.#blocks.get(handle);
    return blocks === undefined ? this.#weightOfCell(end - start) : this.weightFor(end - start, blocks.length);
  }

  #weightOfCell(bytes: number): number {
    return this.#cells.weightOf(bytes) + VariantDigests.bytes;
  }

  /** Puts a response here: its record, and what that holds. `content` must be complete; where it is small it is copied. */
  add(record: Uint8Array, { stored, content }: Pick<Shelved, 'stored' | 'content'>): Handle {
    const inCell = this.#liesInCell(record.length, content.length);
    const handle = this.#cells.allocate(record.length + (inCell ? content.length : 0));
    const { bytes, start } = this.#cells.at(handle);
    bytes.set(record, start);
    this.#digests.set(handle, stored);
    if (inCell) copyInto(bytes, start + record.length, content);
    else this.#blocks.set(handle, content);
    return handle;
  }

  /**
   * The response as objects; undefined if its record can't be read. What lay in the cell is copied: a socket may still be sending it when the cell has become another response's.
   *
   * @param forLong Whether they will be kept: then the copy has memory of its own. For a moment a piece of a larger one will do, which costs less to collect.
   */
  open(handle: Handle, forLong: boolean): Shelved | undefined {
    const { bytes, start, end } = this.#cells.at(handle);
    const decoded = decodeRecord(bytes, start, end);
    if (decoded === undefined) return undefined;
    const content = this.#blocks.get(handle) ?? copyOf(bytes, start + decoded.length, end, forLong);
    return { stored: decoded.stored, content, ready: undefined };
  }

  /** Whether the nominated fields of a request may select the response; `open` tells for certain. */
  maySelect(handle: Handle, presented: Nominating): boolean {
    return this.#digests.maySelect(handle, presented);
  }

  /** Whether the response may be that variant; `open` tells for certain. */
  mayBe(handle: Handle, variant: Variant): boolean {
    return this.#digests.mayBe(handle, variant);
  }

  /** A number that tells the response from most other variants of its URI. */
  digestOf(handle: Handle): number {
    return this.#digests.of(handle);
  }

  /** The number by which the response is known. */
  serialOf(handle: Handle): number {
    const { bytes, start } = this.#cells.at(handle);
    return serialOfRecord(bytes, start);
  }

  /** The content that lies in blocks of its own, and so is the same object whenever the response is opened. */
  blocksOf(handle: Handle): Content | undefined {
    return this.#blocks.get(handle);
  }

  /** Every handle that was ever in use is less than this. */
  get handles(): number {
    return this.#cells.handles;
  }

  isUsed(handle: Handle): boolean {
    return this.#cells.isUsed(handle);
  }

  keyOf(handle: Handle): CacheKey {
    const { bytes, start } = this.#cells.at(handle);
    return keyOfRecord(bytes, start);
  }

  generationOf(handle: Handle): number {
    const { bytes, start } = this.#cells.at(handle);
    return generationOfRecord(bytes, start);
  }

  /** Gives the response the lifetime of one that was purged; false where it has that already. */
  expire(handle: Handle, lifetimeOf: (aging: Aging) => Seconds): boolean {
    const { bytes, start } = this.#cells.at(handle);
    return purgeRecord(bytes, start, lifetimeOf(agingOfRecord(bytes, start)));
  }

  free(handle: Handle): void {
    this.#blocks.delete(handle);
    this.#cells.free(handle);
  }

  #liesInCell(recordBytes: number, contentBytes: number): boolean {
    return contentBytes === 0 || this.#cells.isSmall(recordBytes + contentBytes);
  }
}

function copyInto(bytes: Buffer, start: number, content: Content): void {
  for (let offset = 0; offset < content.length; ) {
    const run = content.at(offset);
    if (run === undefined) throw new Error(`content of ${content.length} bytes ends at ${offset}`);
    bytes.set(run, start + offset);
    offset += run.length;
  }
}

const sheetBytes = 32 * 1024;
let sheet = Buffer.alloc(0);

/** A piece of memory that others are cut from as well: as long as one of them lives, all of it does. */
function piece(length: number): Buffer {
  if (sheet.length < length) sheet = Buffer.allocUnsafeSlow(Math.max(sheetBytes, length));
  const cut = sheet.subarray(0, length);
  sheet = sheet.subarray(length);
  return cut;
}

function copyOf(bytes: Buffer, start: number, end: number, forLong: boolean): Content {
  if (start === end) return empty;
  const copy = forLong ? Buffer.allocUnsafeSlow(end - start) : piece(end - start);
  bytes.copy(copy, 0, start, end);
  return new WholeContent(copy);
}
