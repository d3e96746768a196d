/** What a cell is known by as long as it is in use, wherever it lies meanwhile. */
export type Handle = number;

/** Where the bytes of a cell are now: until the next cell is allocated or freed. */
export interface CellPlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Cells lie one after another in a segment, each behind its length and its handle. */
interface Segment {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly index: number;
  /** Or else it was made for one cell. */
  readonly isShared: boolean;
  /** The next cell begins here. */
  end: number;
  /** Bytes of the cells in use. */
  live: number;
}

const headerBytes = 8;

/** A cell is at most this share of a segment; a longer one has a segment of its own. It bounds what stays empty at the end of a segment. */
const leastCells = 32;

/** Of a segment that is full, at most this share may be holes for long. */
const holes = 1 / 16;

/** A Buffer with its memory and a view of it, beside the bytes: measured. */
const overheadOfSegment = 400;

const noHandle = -1;
const freeMark = -2;

/** Segments that are looked at for the emptiest one. */
const sampled = 128;

/**
 * Memory for many small runs of bytes, outside the JavaScript heap: a cell costs no object and no allocation of its own. Cells are put one behind the other; what is freed leaves a
 * hole, and a segment with many holes is emptied by moving what still lives in it. So the memory taken is never more than that of the cells in use with a
 * sixteenth of holes, and two segments: the one that is being filled, and a spare.
 */
export class Cells {
  readonly #segmentBytes: number;
  readonly #segments: (Segment | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  #open: Segment | undefined;
  #spare: Segment | undefined;
  /** Where the next look for an emptier segment begins. */
  #cursor = 0;
  /** Bytes of the segments that cells share, and of those that they have for themselves. */
  #shared = 0;
  #own = 0;
  /** Bytes of the cells in shared segments. */
  #live = 0;
  /** For each handle the place of its cell; for one that is free, `freeMark` less the next free one, which no place is like. */
  #places = new Float64Array(64);
  #handles = 0;
  #freeHandle = noHandle;
  #count = 0;

  /** `segmentBytes`: a multiple of 256. */
  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
  }

  /** Cells in use. */
  get count(): number {
    return this.#count;
  }

  /** Every handle that was ever in use is less than this. */
  get handles(): number {
    return this.#handles;
  }

  isUsed(handle: Handle): boolean {
    return handle >= 0 && handle < this.#handles && (this.#places[handle] as number) >= 0;
  }

  /** Bytes of memory that the segments take. */
  get bytesTaken(): number {
    return this.#shared + this.#own;
  }

  /** Whether a cell of so many bytes shares its segment with others. */
  isSmall(length: number): boolean {
    return sizeOf(length) <= this.#segmentBytes / leastCells;
  }

  /** What a cell of so many bytes takes of the memory: the weights of the cells in use are never less than `bytesTaken`, but for two segments. */
  weightOf(length: number): number {
    const size = sizeOf(length);
    return (
      Float64Array.BYTES_PER_ELEMENT + (this.isSmall(length) ? Math.ceil(size / (1 - holes)) : size + overheadOfSegment)
    );
  }

  /** A cell of so many bytes, which are to be written at once: they hold what was there before. */
  allocate(length: number): Handle {
    const handle = this.#takeHandle();
    const size = sizeOf(length);
    const segment = this.isSmall(length) ? this.#roomFor(size) : this.#add(size);
    segment.words[segment.end / 4] = length;
    segment.words[segment.end / 4 + 1] = handle;
    this.#place(handle, segment, size);
    this.#count++;
    this.#tidy();
    return handle;
  }

  /** The handle must be in use. */
  at(handle: Handle): CellPlace {
    const segment = this.#segmentOf(handle);
    const header = (this.#places[handle] as number) - segment.index * this.#segmentBytes;
    const start = header + headerBytes;
    return { bytes: segment.bytes, start, end: start + (segment.words[header / 4] as number) };
  }

  /** The handle must be in use; it is that of the next cell that is allocated. */
  free(handle: Handle): void {
    const { start, end } = this.at(handle);
    const segment = this.#segmentOf(handle);
    const size = sizeOf(end - start);
    segment.live -= size;
    if (segment.isShared) this.#live -= size;
    this.#count--;
    this.#places[handle] = freeMark - this.#freeHandle;
    this.#freeHandle = handle;
    if (segment.live === 0) this.#empty(segment);
    this.#tidy();
  }

  #segmentOf(handle: Handle): Segment {
    return this.#segments[Math.floor((this.#places[handle] as number) / this.#segmentBytes)] as Segment;
  }

  /** Puts a cell at the end of a segment. */
  #place(handle: Handle, segment: Segment, size: number): void {
    this.#places[handle] = segment.index * this.#segmentBytes + segment.end;
    segment.end += size;
    segment.live += size;
    if (segment.isShared) this.#live += size;
  }

  #takeHandle(): Handle {
    const handle = this.#freeHandle;
    if (handle !== noHandle) {
      this.#freeHandle = freeMark - (this.#places[handle] as number);
      return handle;
    }
    if (this.#handles === this.#places.length) {
      const places = new Float64Array(this.#handles * 2);
      places.set(this.#places);
      this.#places = places;
    }
    return this.#handles++;
  }

  /** The segment that is being filled, or the next one where it has no room for so many bytes. */
  #roomFor(size: number): Segment {
    if (this.#open !== undefined && this.#open.end + size <= this.#segmentBytes) return this.#open;
    this.#open = this.#spare ?? this.#add();
    this.#spare = undefined;
    return this.#open;
  }

  /** A segment for many cells; with `own`, for one cell of so many bytes. */
  #add(own?: number): Segment {
    const index = this.#freeIndexes.pop() ?? this.#segments.length;
    const bytes = Buffer.allocUnsafeSlow(own ?? this.#segmentBytes);
    const isShared = own === undefined;
    const segment = { bytes, words: new Uint32Array(bytes.buffer), index, isShared, end: 0, live: 0 };
    this.#segments[index] = segment;
    if (isShared) this.#shared += bytes.length;
    else this.#own += bytes.length;
    return segment;
  }

  /** Nothing of it is in use any more. */
  #empty(segment: Segment): void {
    segment.end = 0;
    if (segment === this.#open) return;
    if (segment.isShared && this.#spare === undefined) {
      this.#spare = segment;
      return;
    }
    this.#segments[segment.index] = undefined;
    this.#freeIndexes.push(segment.index);
    if (segment.isShared) this.#shared -= segment.bytes.length;
    else this.#own -= segment.bytes.length;
  }

  /**
   * Moves cells together until shared segments take no more than their bound. While it is not, some full segment has more holes than its share, and cells that are moved leave fewer than that:
   * so this ends, and for each byte that was freed it moves at most fifteen.
   */
  #tidy(): void {
    while (this.#shared > this.#live / (1 - holes) + 2 * this.#segmentBytes) {
      const emptiest = this.#emptiest();
      if (emptiest === undefined) return;
      this.#moveAll(emptiest);
    }
  }

  /** Of the next segments the one with the most holes, if these are more than its share; looks on until there is one. */
  #emptiest(): Segment | undefined {
    const most = this.#segmentBytes * (1 - holes);
    let found: Segment | undefined;
    for (let looked = 0; looked < this.#segments.length && (looked < sampled || found === undefined); looked++) {
      this.#cursor = (this.#cursor + 1) % this.#segments.length;
      const segment = this.#segments[this.#cursor];
      if (segment?.isShared !== true || segment === this.#open || segment === this.#spare) continue;
      if (segment.live <= most && segment.live < (found?.live ?? Number.POSITIVE_INFINITY)) found = segment;
    }
    return found;
  }

  #moveAll(from: Segment): void {
    const base = from.index * this.#segmentBytes;
    for (let at = 0; from.live > 0; ) {
      const size = sizeOf(from.words[at / 4] as number);
      const handle = from.words[at / 4 + 1] as number;
      // Whoever freed a cell left it as it was; its handle is another cell's by now, or none's.
      if (this.#places[handle] === base + at) {
        const to = this.#roomFor(size);
        from.bytes.copy(to.bytes, to.end, at, at + size);
        this.#place(handle, to, size);
        from.live -= size;
        this.#live -= size;
      }
      at += size;
    }
    this.#empty(from);
  }
}

/** With its header, and so that the next one begins at a multiple of eight. */
function sizeOf(length: number): number {
  return headerBytes + Math.ceil(length / 8) * 8;
}

/** Bytes of a segment for a limit of so many: small where that is, as one that is being filled counts for nothing; 256 KiB from 32 MiB on. */
export function segmentBytesFor(maxBytes: number): number {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, maxBytes / 128)));
  return Math.min(Math.max(wanted, 16 * 1024), 256 * 1024);
}
