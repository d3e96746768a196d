import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/store/backing.ts';
import type { DiskBacking } from '../../src/store/disk/backing.ts';
import { systemFiles } from '../../src/store/disk/files.ts';
import { backedShelf } from './backed-shelf.ts';
import { filesIn, newDirectory, openShelf } from './disk-ground.ts';
import { placeOf, putRecord } from './ground.ts';
import { put, responseTo, textRead } from './shelved.ts';
import { turnstile } from './turnstile.ts';

const long = 'long '.repeat(pieceBytes);

describe('a shelf on a disk, opened again,', () => {
  it('takes away files that no record has, and leaves the others', async () => {
    const directory = await newDirectory();
    const before = await openShelf(directory);
    await putRecord(before, placeOf(1), 'head', long);
    await before.close();
    const [kept] = (await filesIn(join(directory, 'content'))).keys();
    const orphans = [`00/${'00'.repeat(16)}`, `a7/${'01'.repeat(15)}a7`].map((each) =>
      join(directory, 'content', each),
    );
    for (const orphan of orphans) {
      await mkdir(join(orphan, '..'), { recursive: true });
      await writeFile(orphan, 'bytes');
    }
    await mkdir(join(directory, 'temporary'), { recursive: true });
    await writeFile(join(directory, 'temporary', '1-aa'), 'bytes');
    const after = await openShelf(directory);
    await after.swept;
    expect([...(await filesIn(join(directory, 'content'))).keys()]).toEqual([kept]);
    expect([...(await filesIn(directory)).keys()].filter((path) => path.includes('temporary'))).toEqual([]);
    expect(Buffer.from((await after.at(placeOf(1))?.pieces.read(0)) ?? []).toString()).toBe(long.slice(0, pieceBytes));
  });

  it('takes away what one of those was writing who share it, once that has ended', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const first = await openShelf(directory, { sharedBy });
    const draft = first.draft(placeOf(1), undefined);
    for (const _ of [1, 2, 3]) draft?.write(Buffer.alloc(pieceBytes));
    const temporary = join(directory, 'temporary');
    await expect.poll(async () => (await readdir(temporary)).length).toBe(1);
    // No process has so large a number.
    await writeFile(join(temporary, '999999999-aa'), 'bytes');
    await openShelf(directory, { sharedBy, instance: 'two' });
    expect(await readdir(temporary)).toEqual([expect.stringMatching(`^${process.pid}-`)]);
    expect(await draft?.commit(Buffer.from('head'), 1_000)).toBe(true);
  });

  it('is not taken for cut off while another makes it larger', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const first = await openShelf(directory, { sharedBy });
    await putRecord(first, placeOf(1), 'head', 'content');
    const openToRead = async (path: string): Promise<number> => {
      if (path.endsWith('data.mdb'))
        for (let row = 2; row < 50; row++) await putRecord(first, placeOf(row), 'head', 'x'.repeat(50_000));
      return systemFiles.openToRead(path);
    };
    const lines: string[] = [];
    const warn = (line: string): void => void lines.push(line);
    const files = { ...systemFiles, openToRead };
    const second = await openShelf(directory, { sharedBy, instance: 'two', files, warn });
    expect([lines, second.stats().responses]).toEqual([[], 49]);
  });

  it('is not taken for damaged where LMDB refuses for another reason, as that too many read already', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.pid };
    const first = await openShelf(directory, { sharedBy });
    await putRecord(first, placeOf(1), 'head', 'content');
    const full = Object.assign(new Error('MDB_READERS_FULL: Environment maxreaders limit reached'), { code: -30_790 });
    const refused = openShelf(directory, { sharedBy, openEnvironment: () => Promise.reject(full) });
    await expect(refused).rejects.toThrow(`${directory} can't be used for a shelf: MDB_READERS_FULL`);
    expect([...(await filesIn(directory)).keys()].filter((path) => path.includes('damaged'))).toEqual([]);
  });

  it('is begun anew by one of those who find it damaged at the same time, and all others use that', async () => {
    const directory = await newDirectory();
    await (await openShelf(directory)).close();
    await writeFile(join(directory, 'index', 'data.mdb'), 'no database'.repeat(1_000));
    const sharedBy = { token: 'together', pid: process.pid };
    const both = turnstile();
    let waiting = 0;
    // Both have seen the damage before either does something about it, and the second when the first is done.
    const removeTree = async (path: string): Promise<void> => {
      if (++waiting === 2) await both.opened;
      await systemFiles.removeTree(path);
    };
    const lines: string[] = [];
    const warn = (line: string): void => void lines.push(line);
    const files = { ...systemFiles, removeTree };
    const open = (instance: string): Promise<DiskBacking> => openShelf(directory, { sharedBy, instance, files, warn });
    const opening = [open('one'), open('two')];
    const first = await Promise.race(opening);
    await putRecord(first, placeOf(1), 'head', 'content');
    both.open();
    const shelves = await Promise.all(opening);
    expect(shelves.map((shelf) => shelf.stats().responses)).toEqual([1, 1]);
    expect(lines).toEqual([expect.stringContaining('is damaged')]);
  });

  it('takes away the file of what is replaced or removed, and of a draft that is aborted', async () => {
    const directory = await newDirectory();
    const shelf = await openShelf(directory);
    for (const row of [1, 2]) for (const _ of [1, 2]) await putRecord(shelf, placeOf(row), 'head', long);
    await shelf.remove(placeOf(2));
    const draft = shelf.draft(placeOf(3), undefined);
    for (const _ of [1, 2, 3]) draft?.write(Buffer.alloc(pieceBytes));
    draft?.abort();
    await shelf.close();
    await expect.poll(async () => (await filesIn(directory)).size).toBe(4);
    const names = (await readdir(directory, { recursive: true })).filter((name) => /[0-9a-f]{32}$/.test(name));
    expect(names).toHaveLength(1);
  });

  it.each([
    ['to nothing', 0],
    ['within its first piece', 1_000],
    ['after a piece', pieceBytes],
    ['by one byte', long.length - 1],
    ['by all', undefined],
  ])('takes away a record whose file is cut short %s, as damaged', async (_how, length) => {
    const directory = await newDirectory();
    const before = backedShelf(await openShelf(directory), { maxObjectBytes: 2 ** 20 });
    expect(await put(before, responseTo('/a'), long)).toBe(true);
    await before.close();
    const [path = ''] = (await filesIn(join(directory, 'content'))).keys();
    await (length === undefined ? rm(path) : truncate(path, length));
    const after = backedShelf(await openShelf(directory));
    const [shelved] = await after.lookup(responseTo('/a').key);
    expect(shelved?.content.length).toBe(long.length);
    expect(shelved && (await textRead(shelved))).toBeUndefined();
    await after.close();
    expect(after.stats()).toMatchObject({ damaged: 1, failures: 0 });
    expect(await backedShelf(await openShelf(directory)).lookup(responseTo('/a').key)).toEqual([]);
  });

  it('takes away a record whose file is cut short, also where the origin has confirmed it meanwhile', async () => {
    const directory = await newDirectory();
    const shelf = backedShelf(await openShelf(directory), { maxObjectBytes: 2 ** 20 });
    await put(shelf, responseTo('/a'), long);
    const [path = ''] = (await filesIn(join(directory, 'content'))).keys();
    await truncate(path, pieceBytes);
    const [shelved] = await shelf.lookup(responseTo('/a').key);
    if (shelved === undefined) throw new Error('its head is whole');
    await shelf.freshen(shelved.stored, { ...shelved.stored, responseTime: shelved.stored.responseTime + 5 });
    expect(await textRead(shelved)).toBeUndefined();
    await expect.poll(async () => (await shelf.lookup(responseTo('/a').key)).length).toBe(0);
    expect(shelf.stats().damaged).toBe(1);
  });

  it('says nothing of content that has left with its record, and counts no damage', async () => {
    const shelf = backedShelf(await openShelf(await newDirectory()), { maxObjectBytes: 2 ** 20 });
    await put(shelf, responseTo('/a'), long);
    const [shelved] = await shelf.lookup(responseTo('/a').key);
    await shelf.invalidate(responseTo('/a').key);
    await expect.poll(() => shelved && textRead(shelved)).toBeUndefined();
    expect(shelf.stats()).toMatchObject({ damaged: 0, failures: 0, isUp: true });
  });

  it('begins anew where the index is damaged, says so, and keeps what there was until the next start', async () => {
    const damages: readonly ((path: string) => Promise<void>)[] = [
      (path) => writeFile(path, 'this is no database'.repeat(1_000)),
      (path) => writeFile(path, Buffer.alloc(64 * 1024)),
      (path) => truncate(path, 5_000),
      async (path) => {
        const { size } = await stat(path);
        await truncate(path, size - 4096);
      },
    ];
    for (const damage of damages) {
      const directory = await newDirectory();
      const before = await openShelf(directory);
      for (let i = 0; i < 20; i++) await putRecord(before, placeOf(i), 'head', 'x'.repeat(9_000));
      await before.close();
      await damage(join(directory, 'index', 'data.mdb'));
      const warnings: string[] = [];
      const after = await openShelf(directory, { warn: (line) => warnings.push(line) });
      expect(warnings).toEqual([expect.stringContaining(`the shelf in ${directory} is damaged`)]);
      expect(after.stats()).toMatchObject({ responses: 0, isUp: true });
      expect(await putRecord(after, placeOf(1), 'new', 'content')).toBe(true);
      expect(await readdir(join(directory, 'damaged'))).toContain('data.mdb');
      await after.close();
      await openShelf(directory);
      expect(await readdir(directory)).not.toContain('damaged');
    }
  });

  it('begins anew in an index of no bytes', async () => {
    const directory = await newDirectory();
    const before = await openShelf(directory);
    await putRecord(before, placeOf(1), 'head', 'content');
    await before.close();
    await truncate(join(directory, 'index', 'data.mdb'), 0);
    const after = await openShelf(directory);
    expect(after.at(placeOf(1))).toBeUndefined();
    expect(await putRecord(after, placeOf(1), 'new', 'content')).toBe(true);
  });
});
