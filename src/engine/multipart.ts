import { type ByteRange, bytesOf } from '../http/range.ts';
import { headOfPart } from '../policy/partial.ts';
import type { StoredResponse } from '../policy/stored.ts';
import type { Content } from '../store/content.ts';

interface Segment {
  /** Where it begins in the whole. */
  readonly start: number;
  readonly length: number;
  readonly at: (offset: number) => Uint8Array | undefined;
  /** Where that of the whole is which it is a run of; undefined for what is written here. */
  readonly first: number | undefined;
}

/** Several ranges of one content with their heads between them (RFC 9110 §14.6), as a content of its own: nothing of the original is copied. */
export class Multipart implements Content {
  readonly complete = true;
  readonly length: number;
  readonly #content: Content;
  readonly #segments: readonly Segment[];

  /** `offset`: the position in the representation of the content's first byte; `length`: that of the representation. */
  constructor(
    stored: StoredResponse,
    content: Content,
    {
      ranges,
      boundary,
      offset,
      length,
    }: { ranges: readonly ByteRange[]; boundary: string; offset: number; length: number },
  ) {
    this.#content = content;
    const segments: Segment[] = [];
    let end = 0;
    const add = (bytes: number, at: Segment['at'], first?: number): void => {
      segments.push({ start: end, length: bytes, at, first });
      end += bytes;
    };
    const text = (written: string): void => {
      const bytes = Buffer.from(written, 'latin1');
      add(bytes.length, (from) => bytes.subarray(from));
    };
    for (const range of ranges) {
      text(headOfPart(stored, boundary, range, length));
      const bytes = bytesOf(range);
      const first = range.first - offset;
      add(bytes, (from) => content.at(first + from)?.subarray(0, bytes - from), first);
    }
    text(`\r\n--${boundary}--\r\n`);
    this.#segments = segments;
    this.length = end;
  }

  /** What it is made of; the heads between are nothing beside that. */
  get bytesHeld(): number {
    return this.#content.bytesHeld;
  }

  at(offset: number): Uint8Array | undefined {
    const segment = this.#segmentAt(offset);
    return segment?.at(offset - segment.start);
  }

  load(offset: number): Promise<boolean> {
    const segment = this.#segmentAt(offset);
    if (segment?.first === undefined || this.#content.load === undefined) return Promise.resolve(segment !== undefined);
    return this.#content.load(segment.first + offset - segment.start, segment.first + segment.length);
  }

  #segmentAt(offset: number): Segment | undefined {
    return this.#segments.find(({ start, length }) => offset < start + length);
  }
}
