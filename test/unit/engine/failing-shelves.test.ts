import { describe, expect, it } from 'vitest';
import { fieldValue, noFields } from '../../../src/http/fields.ts';
import { lifetimeEnding } from '../../../src/policy/age.ts';
import { type Backing, pieceBytes } from '../../../src/store/backing.ts';
import { systemFiles } from '../../../src/store/disk/files.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { TieredStore } from '../../../src/store/tiered.ts';
import { backedShelf } from '../../store/backed-shelf.ts';
import { newDirectory, openShelf } from '../../store/disk-ground.ts';
import { HeapBacking, HeapGround } from '../../store/heap-backing.ts';
import { stage } from './engine-stage.ts';
import { head, type Play } from './purge-ways.ts';

const pieces = 5;
const content = Buffer.from(Array.from({ length: pieces * pieceBytes - 1_000 }, (_, at) => at % 251));
const turn = (): Promise<void> => new Promise(setImmediate);

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** Somewhere content lies, of which no piece from that one on can be had when it has been told so. */
interface Failing {
  readonly backing: Backing;
  readonly failFrom: (piece: number) => void;
}

function rotten(): Promise<Failing> {
  const ground = new HeapGround();
  const failFrom = (piece: number): void => void ground.records[0]?.pieces[piece]?.fill('x');
  return Promise.resolve({ backing: new HeapBacking(ground, { isLater: true }), failFrom });
}

function cutOff(): Promise<Failing> {
  const backing = new HeapBacking(new HeapGround(), { isLater: true });
  const failFrom = (piece: number): void => {
    let reads = 0;
    backing.fails = (call) => call === 'read' && reads++ >= piece;
  };
  return Promise.resolve({ backing, failFrom });
}

async function brokenDisk(): Promise<Failing> {
  let from = Number.POSITIVE_INFINITY;
  const read: typeof systemFiles.read = (descriptor, into, position) =>
    position >= from ? Promise.reject(new Error('EIO')) : systemFiles.read(descriptor, into, position);
  const files = { ...systemFiles, read };
  return {
    backing: await openShelf(await newDirectory(), { files }),
    failFrom: (piece) => {
      from = piece * pieceBytes;
    },
  };
}

const shelves: readonly (readonly [string, () => Promise<Failing>])[] = [
  ['a disk that can not be read any more', brokenDisk],
  ['a server that is gone', cutOff],
  ['pieces that are not what they were', rotten],
];

/** Nothing is to be done later here. */
const schedule = (): (() => void) => () => {};

/** An engine over memory, too small for the content, and a shelf that has it. */
async function stored({ backing }: Failing): Promise<Play> {
  const limits = { maxBytes: 2 ** 24, maxObjectBytes: 2 ** 16, maxVariants: 4 };
  const play: Play = stage({}, () => {
    const clock = { steady: () => play.clock.steady(), wall: () => play.clock.wall(), schedule };
    const lower = backedShelf(backing, { clock, maxObjectBytes: 2 ** 22 });
    return new TieredStore({
      memory: new MemoryStore({ ...limits, givenSerials: true }),
      lower,
      kind: 'disk',
      clock,
      lifetimeEnding,
    });
  });
  const sink = play.ask('/a/1');
  await until(() => play.origin.arrivals.length === 1);
  const arrival = play.origin.arrivals[0];
  arrival?.head(head(play, ['cache-control', 'max-age=60'], ['etag', '"1"']));
  arrival?.write(content);
  arrival?.end();
  await until(() => sink.ended && backing.stats().responses === 1);
  return play;
}

describe.each(shelves)('over %s', (_, made) => {
  it.each([1, 2, pieces - 1])('a client gets all of a response from piece %i on by the origin', async (piece) => {
    const failing = await made();
    const play = await stored(failing);
    failing.failFrom(piece);
    const sink = play.ask('/a/1');
    await until(() => play.origin.arrivals.length === 2);
    const arrival = play.origin.arrivals[1];
    const first = piece * pieceBytes;
    expect(fieldValue(arrival?.fields ?? noFields, 'range')).toBe(`bytes=${first}-`);
    const range = `bytes ${first}-${content.length - 1}/${content.length}`;
    arrival?.head({ ...head(play, ['etag', '"1"'], ['content-range', range]), status: 206 });
    arrival?.write(content.subarray(first));
    arrival?.end();
    await until(() => sink.ended || sink.aborted);
    expect(Buffer.concat(sink.chunks).equals(content)).toBe(true);
    expect(play.records.at(-1)).toMatchObject({ end: 'complete', tier: 'disk', rest: 'from-origin' });
  });

  it('a request is a miss where not even the first piece can be had', async () => {
    const failing = await made();
    const play = await stored(failing);
    failing.failFrom(0);
    const sink = play.ask('/a/1');
    await until(() => play.origin.arrivals.length === 2);
    expect([sink.heads.length, fieldValue(play.origin.arrivals[1]?.fields ?? noFields, 'range')]).toEqual([
      0,
      undefined,
    ]);
    play.answer(1, ['etag', '"2"']);
    await until(() => sink.ended);
    expect(play.records.at(-1)?.cacheStatus).toMatchObject({ hit: false, fwd: 'uri-miss' });
    expect(play.records.at(-1)?.tier).toBeUndefined();
  });
});
