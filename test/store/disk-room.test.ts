import { describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/store/backing.ts';
import type { DiskBacking } from '../../src/store/disk/backing.ts';
import { type Files, systemFiles } from '../../src/store/disk/files.ts';
import { filesIn, newDirectory, openShelf } from './disk-ground.ts';
import { placeOf } from './ground.ts';

const maxBytes = 16 * 2 ** 20;
const content = Buffer.alloc(2 ** 20, 'content ');

async function put(shelf: DiskBacking, row: number, length: number): Promise<boolean> {
  const draft = shelf.draft(placeOf(row), length);
  for (let from = 0; from < length; from += pieceBytes)
    draft?.write(content.subarray(from, Math.min(length, from + pieceBytes)));
  return (await draft?.commit(Buffer.alloc(400, 'head'), 3_600_000)) === true;
}

/** Puts so many records of that length in rows from `firstRow` on, a megabyte at a time; how many were kept. */
async function fill(shelf: DiskBacking, count: number, length: number, firstRow = 0): Promise<number> {
  const together = Math.max(1, Math.floor(2 ** 20 / length));
  let kept = 0;
  for (let row = 0; row < count; row += together) {
    const some = Array.from({ length: Math.min(together, count - row) }, (_, i) =>
      put(shelf, firstRow + row + i, length),
    );
    kept += (await Promise.all(some)).filter((isKept) => isKept).length;
  }
  return kept;
}

async function bytesOf(directory: string): Promise<number> {
  return [...(await filesIn(directory)).values()].reduce((sum, size) => sum + size, 0);
}

describe('the room of a shelf on a disk', () => {
  it.each([
    ['of a kilobyte', 1_000, 12_000],
    ['of a piece', 60_000, 900],
    ['in files', 900_000, 60],
  ])('is never more than its limit, with content %s', async (_what, length, count) => {
    const directory = await newDirectory();
    const shelf = await openShelf(directory, { maxBytes });
    for (let row = 0; row < count; row += count / 4) {
      expect(await fill(shelf, count / 4, length, row)).toBe(count / 4);
      expect(await bytesOf(directory)).toBeLessThan(maxBytes);
    }
    const { evictions, responses = 0, bytesUsed = 0, bytesLimit } = shelf.stats();
    expect(evictions + responses).toBe(count);
    expect(evictions).toBeGreaterThan(0);
    expect(bytesUsed).toBeGreaterThan(maxBytes / 2);
    expect(bytesLimit).toBe(maxBytes);
  });

  it('is made for heads that become longer, too', async () => {
    const directory = await newDirectory();
    const shelf = await openShelf(directory, { maxBytes });
    await fill(shelf, 4_000, 1_000);
    const [before, after] = [Buffer.alloc(400, 'head'), Buffer.alloc(12_000, 'longer')];
    let longer = 0;
    for (let row = 0; row < 4_000; row += 100) {
      const some = Array.from({ length: 100 }, (_, i) => shelf.replace(placeOf(row + i), before, after, 3_600_000));
      longer += (await Promise.all(some)).filter((isReplaced) => isReplaced).length;
    }
    expect(await bytesOf(directory)).toBeLessThan(maxBytes);
    expect(longer).toBeGreaterThan(400);
    expect(shelf.at(placeOf(3_999))?.head).toHaveLength(12_000);
  });

  it('is there for files when small content has filled it, and the other way round', async () => {
    const directory = await newDirectory();
    const shelf = await openShelf(directory, { maxBytes });
    for (const [length, count] of [
      [20_000, 1_200],
      [100_000, 100],
      [20_000, 1_200],
    ] as const) {
      expect(await fill(shelf, count, length)).toBe(count);
      expect(await bytesOf(directory)).toBeLessThan(maxBytes);
      expect(shelf.at(placeOf(count - 1))?.pieces.length).toBe(length);
    }
  });

  it('drops the oldest first', async () => {
    const shelf = await openShelf(await newDirectory(), { maxBytes });
    await fill(shelf, 400, 60_000);
    const there = Array.from({ length: 400 }, (_, row) => shelf.at(placeOf(row)) !== undefined);
    expect(there.indexOf(true)).toBeGreaterThan(100);
    expect(there.lastIndexOf(false)).toBeLessThan(there.indexOf(true));
  });

  it('gives a second chance to what was read, and to what any instance says is hot', async () => {
    const shelf = await openShelf(await newDirectory(), { maxBytes });
    await fill(shelf, 100, 60_000);
    shelf.row(placeOf(7).row);
    await shelf.save([placeOf(9)]);
    await fill(shelf, 250, 60_000, 100);
    expect([7, 8, 9].map((row) => shelf.at(placeOf(row)) !== undefined)).toEqual([true, false, true]);
  });

  it('gives none to what is of no use any more', async () => {
    let now = 1_795_000_000_000;
    const shelf = await openShelf(await newDirectory(), { maxBytes, now: () => now });
    await fill(shelf, 100, 60_000);
    await shelf.save([placeOf(9)]);
    now += 3_600_001;
    await fill(shelf, 250, 60_000, 100);
    expect(shelf.at(placeOf(9))).toBeUndefined();
  });

  it('is refused to content that it could never hold', async () => {
    const shelf = await openShelf(await newDirectory(), { maxBytes });
    expect(shelf.draft(placeOf(1), maxBytes)).toBeUndefined();
    const endless = shelf.draft(placeOf(1), undefined);
    let taken = 0;
    while (endless?.write(content.subarray(0, pieceBytes)) === true) taken += pieceBytes;
    expect(taken).toBeLessThan(maxBytes);
    expect(await endless?.commit(Buffer.from('head'), 1_000)).toBe(false);
  });

  it.each([
    ['of known', 3 * 2 ** 20],
    ['of unknown', undefined],
  ])('is not exceeded by what is on its way, %s length', async (_what, expectedLength) => {
    const directory = await newDirectory();
    const shelf = await openShelf(directory, { maxBytes });
    const drafts = Array.from({ length: 8 }, (_, row) => shelf.draft(placeOf(row), expectedLength));
    const taken = drafts.map(() => true);
    for (let bytes = 0; bytes < 3 * 2 ** 20; bytes += pieceBytes) {
      for (const [row, draft] of drafts.entries()) {
        taken[row] &&= draft?.write(content.subarray(0, pieceBytes)) === true;
        if (taken[row] === true) await draft?.behind;
      }
      await new Promise(setImmediate);
      expect(await bytesOf(directory)).toBeLessThan(maxBytes);
    }
    expect(taken).toContain(false);
    const kept = await Promise.all(drafts.map(async (draft) => draft?.commit(Buffer.from('head'), 3_600_000)));
    expect(kept.map((each) => each === true)).toEqual(taken);
    expect(taken).toContain(true);
    // What was not taken holds no room.
    expect(await fill(shelf, 4, 2 ** 20, 100)).toBe(4);
  });

  it('is shared with what others have on its way, until they give it up', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const [one, two] = [
      await openShelf(directory, { maxBytes, sharedBy, instance: 'one' }),
      await openShelf(directory, { maxBytes, sharedBy, instance: 'two' }),
    ];
    const first = one.draft(placeOf(1), 9 * 2 ** 20);
    await one.save([]);
    const second = two.draft(placeOf(2), 9 * 2 ** 20);
    await two.save([]);
    expect([first?.write(content), second?.write(content)]).toEqual([true, false]);
    first?.abort();
    await one.save([]);
    const third = two.draft(placeOf(2), 9 * 2 ** 20);
    await two.save([]);
    expect(third?.write(content)).toBe(true);
    third?.abort();
  });

  it('takes no more than so much that waits to be written', async () => {
    const shelf = await openShelf(await newDirectory());
    const drafts = Array.from({ length: 600 }, (_, row) => {
      const draft = shelf.draft(placeOf(row), pieceBytes);
      return draft?.write(content.subarray(0, pieceBytes)) === true ? draft : undefined;
    });
    const taken = drafts.filter((draft) => draft !== undefined);
    expect(taken).toHaveLength(512);
    for (const draft of taken) draft.abort();
    expect(shelf.draft(placeOf(1), pieceBytes)).toBeDefined();
  });
});

/** A file system of that size with a shelf and what others have there. */
function fileSystem(directory: string, bytes: number): { readonly files: Files; othersBytes: number } {
  const system = {
    othersBytes: 0,
    files: {
      ...systemFiles,
      freeBytes: async () => Math.max(0, bytes - system.othersBytes - (await bytesOf(directory))),
    },
  };
  return system;
}

describe('a file system with less than a shelf may take', () => {
  const limit = 2 ** 30;
  const size = 48 * 2 ** 20;

  it.each([
    ['of a kilobyte', 1_000, 30_000],
    ['of a piece', 60_000, 1_600],
    ['in files', 900_000, 120],
  ])('has the old give way to the new, with content %s, and that is told once', async (_what, length, count) => {
    const directory = await newDirectory();
    const lines: string[] = [];
    const { files } = fileSystem(directory, size);
    const shelf = await openShelf(directory, { maxBytes: limit, files, warn: (line) => lines.push(line) });
    for (let row = 0; row < count; row += count / 4) {
      expect(await fill(shelf, count / 4, length, row)).toBe(count / 4);
      expect(await bytesOf(directory)).toBeLessThan(size - 4 * 2 ** 20);
    }
    const { evictions, bytesUsed = 0, failures } = shelf.stats();
    expect(evictions).toBeGreaterThan(0);
    expect(bytesUsed).toBeGreaterThan(size / 2);
    expect(shelf.at(placeOf(count - 1))).toBeDefined();
    expect(failures).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/ has \d+ MiB for the shelf, which may take 1024 MiB: it goes on within what there is/),
    ]);
  });

  it('has a shelf give way to others, and grow again when they have gone', async () => {
    const directory = await newDirectory();
    const lines: string[] = [];
    const system = fileSystem(directory, 96 * 2 ** 20);
    const warn = (line: string): void => void lines.push(line);
    const shelf = await openShelf(directory, { maxBytes: 2 * maxBytes, files: system.files, warn });
    await fill(shelf, 40, 900_000);
    const before = await bytesOf(directory);
    expect(lines).toEqual([]);
    system.othersBytes = 70 * 2 ** 20;
    await fill(shelf, 40, 900_000, 40);
    expect(await bytesOf(directory)).toBeLessThan(before - 8 * 2 ** 20);
    expect(shelf.at(placeOf(79))).toBeDefined();
    // Some room is not enough for it to be over.
    system.othersBytes = 52 * 2 ** 20;
    await fill(shelf, 10, 900_000, 80);
    expect(lines).toHaveLength(1);
    system.othersBytes = 0;
    await fill(shelf, 40, 900_000, 90);
    expect(await bytesOf(directory)).toBeGreaterThan(before - 2 * 2 ** 20);
    expect(lines.slice(1)).toEqual([expect.stringMatching(/ has room again for the 32 MiB that the shelf may take$/)]);
  });

  it('keeps what is on its way from being written until the old has given way, and refuses what can not be held', async () => {
    const directory = await newDirectory();
    const { files } = fileSystem(directory, size);
    const shelf = await openShelf(directory, { maxBytes: limit, files });
    await fill(shelf, 40, 900_000);
    expect(shelf.draft(placeOf(100), size)).toBeUndefined();
    const draft = shelf.draft(placeOf(100), 24 * 2 ** 20);
    for (let bytes = 0; bytes < 24 * 2 ** 20; bytes += pieceBytes) {
      expect(draft?.write(content.subarray(0, pieceBytes))).toBe(true);
      await draft?.behind;
      expect(await bytesOf(directory)).toBeLessThan(size - 4 * 2 ** 20);
    }
    expect(await draft?.commit(Buffer.from('head'), 3_600_000)).toBe(true);
    expect(shelf.at(placeOf(100))).toBeDefined();
    // Each byte of it was counted once, written or not.
    expect(shelf.stats().responses).toBeGreaterThan(5);
  });

  it('is told by one of those who share it', async () => {
    const directory = await newDirectory();
    const lines: string[] = [];
    const { files } = fileSystem(directory, size);
    const shared = { maxBytes: limit, files, warn: (line: string) => void lines.push(line) };
    const sharedBy = { token: 'together', pid: process.pid };
    const one = await openShelf(directory, { ...shared, sharedBy, instance: 'one' });
    const two = await openShelf(directory, { ...shared, sharedBy, instance: 'two' });
    await Promise.all([fill(one, 10, 60_000), fill(two, 10, 60_000, 10)]);
    expect(lines).toHaveLength(1);
    await one.close();
    await two.close();
    const next = await openShelf(directory, shared);
    await fill(next, 1, 1_000);
    expect(lines).toHaveLength(2);
  });
});

describe('a limit that is smaller than it was', () => {
  it('is kept to from the start, before anything new is stored', async () => {
    const directory = await newDirectory();
    const before = await openShelf(directory, { maxBytes: 4 * maxBytes });
    await fill(before, 50, 900_000);
    await before.close();
    const shelf = await openShelf(directory, { maxBytes });
    await shelf.save([]);
    expect(shelf.stats().bytesUsed).toBeLessThan(maxBytes);
  });
});

describe('what is hot', () => {
  it('is read the hottest first, of all instances, after a restart, too', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const one = await openShelf(directory, { sharedBy, instance: 'one' });
    const two = await openShelf(directory, { sharedBy, instance: 'two' });
    await one.save([placeOf(9)]);
    await one.save([1, 2, 3].map((row) => placeOf(row)));
    await two.save([4, 2, 5].map((row) => placeOf(row)));
    await one.close();
    await two.close();
    const next = await openShelf(directory);
    expect(next.read(10)).toEqual([1, 4, 2, 3, 5].map((row) => placeOf(row)));
    expect(next.read(2)).toEqual([1, 4].map((row) => placeOf(row)));
  });

  it('is forgotten when nobody has said it for a week', async () => {
    const directory = await newDirectory();
    let now = 1_795_000_000_000;
    const before = await openShelf(directory, { now: () => now, instance: 'gone' });
    await before.save([placeOf(1)]);
    await before.close();
    now += 7 * 24 * 3_600_000 + 1;
    const after = await openShelf(directory, { now: () => now });
    await after.save([placeOf(2)]);
    expect(after.read(10)).toEqual([placeOf(2)]);
  });
});
