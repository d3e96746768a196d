import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/store/backing.ts';
import { type DiskBacking, type DiskOptions, openDisk } from '../../src/store/disk/backing.ts';
import { openLmdb } from '../../src/store/disk/environment.ts';
import { systemFiles } from '../../src/store/disk/files.ts';
import { DirectoryRefused } from '../../src/store/disk/refused.ts';
import { filesIn, newDirectory } from './disk-ground.ts';
import { FaultyDisk, faultyFiles, faultyLmdb } from './faulty-disk.ts';
import { placeOf } from './ground.ts';
import { Later } from './later.ts';

const maxBytes = 16 * 2 ** 20;
/** Together so much that all other files have to go for them. */
const large = [12 * 2 ** 20, 2.5 * 2 ** 20];
const rows = 3;
/** A record of one piece in every other row; else of two. */
const lengthOf = (row: number): number => (row % 2 === 0 ? 1_000 : pieceBytes + 1_000);
/** Trials at a time: they mostly wait for the disk. */
const together = 8;

function contentOf(row: number): Buffer {
  return Buffer.alloc(lengthOf(row), `content of ${row}, `);
}

/** A shelf on a faulty disk: what it was told to do later, and what it told the operator. */
class Trial {
  readonly warnings: string[] = [];
  readonly #later = new Later();
  readonly options: DiskOptions;

  constructor(directory: string, files: DiskOptions['files'], openEnvironment: DiskOptions['openEnvironment']) {
    this.options = {
      directory,
      maxBytes,
      instance: 'one',
      warn: (line) => this.warnings.push(line),
      after: this.#later.after,
      ...(files && { files }),
      ...(openEnvironment && { openEnvironment }),
    };
  }

  /** The shelf; undefined where it was refused, as it may be while the disk fails. */
  async open(): Promise<DiskBacking | undefined> {
    try {
      return await openDisk(this.options);
    } catch (error) {
      if (error instanceof DirectoryRefused) return undefined;
      throw error;
    }
  }

  /** Lets time pass until the shelf works again. */
  async recovered(shelf: DiskBacking): Promise<void> {
    while (!shelf.stats().isUp) {
      this.#later.pass();
      await new Promise(setImmediate);
    }
  }
}

/** Whether it says that it is kept. */
async function put(shelf: DiskBacking, row: number): Promise<boolean> {
  const content = contentOf(row);
  const draft = shelf.draft(placeOf(row), content.length);
  const pieces = [content.subarray(0, pieceBytes), content.subarray(pieceBytes)].filter(({ length }) => length > 0);
  const taken = pieces.every((piece) => draft?.write(piece));
  return (await draft?.commit(Buffer.from(`head of ${row}`), 3_600_000)) === true && taken;
}

/** Whether it is there; what can be read of it is what it should be. */
async function isThere(shelf: DiskBacking, row: number): Promise<boolean> {
  const lying = orNothing(() => shelf.at(placeOf(row)));
  if (lying === undefined) return false;
  expect(lying.head.toString()).toBe(`head of ${row}`);
  expect(lying.pieces.length).toBe(lengthOf(row));
  for (const index of [0, Math.ceil(lengthOf(row) / pieceBytes) - 1]) {
    const piece = await orNothing(() => lying.pieces.read(index));
    const start = index * pieceBytes;
    if (piece === undefined) return false;
    expect(
      contentOf(row)
        .subarray(start, start + piece.length)
        .equals(piece),
    ).toBe(true);
  }
  return true;
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Puts a record in each row and reads it; has files make room for another, takes a record away and gives an order. */
async function useIt(shelf: DiskBacking): Promise<void> {
  for (let row = 0; row < rows; row++) {
    const isKept = await put(shelf, row);
    const found = await isThere(shelf, row);
    // A read may be what failed.
    expect(isKept || !found).toBe(true);
  }
  const drafts = large.map((length) => shelf.draft(placeOf(rows), length));
  await put(shelf, 2);
  for (const draft of drafts) draft?.abort();
  await put(shelf, 1);
  await shelf.remove(placeOf(0)).catch(() => false);
  await shelf.save([placeOf(2)]).catch(() => {});
  await shelf.log.append({ kind: 'purge', selection: { kind: 'all' } }).catch(() => {});
}

/** All that is on the shelf is right, and no file is there that no record has. */
async function expectSound(directory: string): Promise<void> {
  const sound = new Trial(directory, systemFiles, openLmdb);
  const shelf = await sound.open();
  if (shelf === undefined) throw new Error('nothing keeps the shelf from being opened');
  await shelf.swept;
  let files = 0;
  for (let row = 0; row < rows; row++) {
    if (shelf.at(placeOf(row)) === undefined) continue;
    expect(await isThere(shelf, row)).toBe(true);
    files += row % 2;
  }
  await shelf.close();
  expect((await filesIn(join(directory, 'content'))).size).toBe(files);
  expect(sound.warnings).toEqual([]);
}

/** How many calls there were. */
async function tryIt(disk: FaultyDisk, parts: 'files' | 'database'): Promise<number> {
  const directory = await newDirectory();
  const files = parts === 'files' ? faultyFiles(disk) : undefined;
  const trial = new Trial(directory, files, parts === 'database' ? faultyLmdb(disk) : undefined);
  const shelf = await trial.open();
  if (shelf !== undefined) await useIt(shelf);
  disk.mend();
  const again = shelf ?? (await trial.open());
  if (again === undefined) throw new Error('nothing keeps the shelf from being opened any more');
  await trial.recovered(again);
  expect(await put(again, 1)).toBe(true);
  expect(await isThere(again, 1)).toBe(true);
  await again.close();
  expect(trial.warnings.length % 2).toBe(0);
  await expectSound(directory);
  return disk.calls;
}

describe.each([
  // A disk stays so, until somebody does something about it.
  [['ENOSPC', 'EROFS', 'EDQUOT'], true],
  // These come and go.
  [['EIO', 'EMFILE', 'EACCES'], false],
] as const)('a disk that fails with %s', (codes, lasting) => {
  // Nobody asks which it is: each call fails with one of them.
  const failing = (call: number): FaultyDisk => new FaultyDisk(codes[call % codes.length] ?? 'EIO', call, lasting);

  it.each(['files', 'database'] as const)(
    'has a shelf that is right and goes on, whichever call to the %s it is',
    async (parts) => {
      const calls = await tryIt(failing(Number.POSITIVE_INFINITY), parts);
      expect(calls).toBeGreaterThan(40);
      for (let call = 0; call < calls; call += together) {
        const some = Array.from({ length: together }, (_, i) => tryIt(failing(call + i), parts));
        await Promise.all(some);
      }
    },
  );
});
