import { FrequencySketch, type SketchSeed } from './frequency-sketch.ts';

/** What the memory shelf is divided into. */
export interface Admission {
  /** For responses and exchanges: the limit without what the counts take. */
  readonly maxBytes: number;
  /** Of that, for what has come of late (`RowTable`). */
  readonly windowBytes: number;
  /** What is on its way to the shelf may hold together, at the cost of what is there. */
  readonly arrivingBytes: number;
  readonly sketch: FrequencySketch | undefined;
}

/** A smaller shelf has too few responses for counts to tell anything: there, what was used least recently goes first. */
const leastCountedBytes = 2 ** 21;

/** One byte of counts for so many of the limit: some thirty counters for each response of 2 KiB. */
const bytesForEachOfCounts = 128;
/** To halve as many takes some milliseconds. */
const mostBytesOfCounts = 2 ** 24;

/** Of the limit, the window is at least this share, and at most that one: between them, what the largest response takes. */
const leastWindowShare = 1 / 16;
const mostWindowShare = 1 / 8;

/** How a limit of so many bytes is divided, where one response may have `maxObjectBytes`. */
export function admissionFor(limit: {
  readonly maxBytes: number;
  readonly maxObjectBytes: number;
  readonly seed?: SketchSeed;
}): Admission {
  const { maxObjectBytes, seed = drawSeed() } = limit;
  if (limit.maxBytes < leastCountedBytes) {
    const { maxBytes } = limit;
    return { maxBytes, windowBytes: maxBytes, arrivingBytes: maxBytes, sketch: undefined };
  }
  const countsBytes = Math.min(2 ** Math.floor(Math.log2(limit.maxBytes / bytesForEachOfCounts)), mostBytesOfCounts);
  const maxBytes = limit.maxBytes - countsBytes;
  const windowBytes = Math.max(maxBytes * leastWindowShare, Math.min(maxObjectBytes, maxBytes * mostWindowShare));
  return {
    maxBytes,
    windowBytes,
    arrivingBytes: Math.max(windowBytes, maxObjectBytes),
    sketch: new FrequencySketch(countsBytes, seed),
  };
}

function drawSeed(): SketchSeed {
  const [start = 0, factor = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [start, factor | 1];
}
