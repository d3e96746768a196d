import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtDirectory } from '../../src/store/disk/directory.ts';
import { layoutOf } from '../../src/store/disk/layout.ts';
import { systemFiles } from '../../src/store/disk/files.ts';
import { DirectoryRefused } from '../../src/store/disk/refused.ts';
import { leastDiskBytes } from '../../src/store/disk/room.ts';
import { newDirectory, openShelf } from './disk-ground.ts';

describe('the directory of a shelf', () => {
  it('is made where there is none, for its owner alone', async () => {
    const directory = join(await newDirectory(), 'deep', 'shelf');
    await openShelf(directory);
    for (const path of [directory, join(directory, 'index'), join(directory, 'content')])
      expect((await stat(path)).mode & 0o777).toBe(0o700);
    for (const name of ['data.mdb', 'lock.mdb'])
      expect((await stat(join(directory, 'index', name))).mode & 0o777).toBe(0o600);
  });

  it('is known again by its marker', async () => {
    const directory = await newDirectory();
    await (await openShelf(directory)).close();
    expect(await readFile(join(directory, 'etagere-shelf'), 'utf8')).toBe('etagere shelf, format 1\n');
    await openShelf(directory);
  });

  it('may hold what file systems put into theirs', async () => {
    const directory = await newDirectory();
    await mkdir(join(directory, 'lost+found'));
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('is refused where everybody may write', async () => {
    const directory = await newDirectory();
    await chmod(directory, 0o777);
    await expect(openShelf(directory)).rejects.toThrow(
      `everybody may write to ${directory}, and so decide what is served; chmod 700 it, or give another directory`,
    );
  });

  it('may be written to by its group, and be where everybody may write, which is told to one of those who share it', async () => {
    const above = await newDirectory();
    const directory = join(above, 'shelf');
    await mkdir(directory);
    await chmod(directory, 0o770);
    await chmod(above, 0o777);
    const lines: string[] = [];
    const options = {
      sharedBy: { token: 'together', pid: process.pid },
      warn: (line: string) => void lines.push(line),
    };
    for (const instance of ['one', 'two']) await openShelf(directory, { ...options, instance });
    expect(lines).toEqual([
      `all of its group may write to ${directory}, and so decide what is served; chmod 700 it`,
      `everybody may write to ${above}, and so put another directory in the place of ${directory}; chmod +t ${above}`,
    ]);
  });

  it.each([
    ['EROFS', (above: string) => `as the file system of ${above} is read-only; mount it so that it can be written to`],
    [
      'EACCES',
      (above: string) =>
        `as user ${process.getuid?.()} may not write to ${above}; make it (sudo install -d -m 700 -o ${process.getuid?.()} ${above}/deep/shelf)`,
    ],
  ])('is refused with what to do where it can not be made: %s', async (code, why) => {
    const above = await newDirectory();
    const makeDirectory = () => Promise.reject(Object.assign(new Error(code), { code }));
    const refused = openShelf(join(above, 'deep', 'shelf'), { files: { ...systemFiles, makeDirectory } });
    await expect(refused).rejects.toThrow(`${above}/deep/shelf can't be made, ${why(above)}`);
  });

  it('is refused where it belongs to another user', async () => {
    const directory = await newDirectory();
    const uid = (process.getuid?.() ?? 0) + 1;
    const files = {
      ...systemFiles,
      facts: async (path: string) => {
        const facts = await systemFiles.facts(path);
        return facts && { ...facts, uid };
      },
    };
    await expect(openShelf(directory, { files })).rejects.toThrow(`${directory} belongs to user ${uid}`);
  });

  it('is refused where it is a file', async () => {
    const path = join(await newDirectory(), 'shelf');
    await writeFile(path, '');
    await expect(openShelf(path)).rejects.toThrow(`${path} is a file; give a directory`);
  });

  it('is refused where there is something else in it', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'photo.jpg'), '');
    await expect(openShelf(directory)).rejects.toThrow(
      'not empty: there is photo.jpg in it; give a directory of its own, or remove what is in it',
    );
    expect(await stat(join(directory, 'photo.jpg'))).toBeDefined();
  });

  it('is refused where another version made it', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'etagere-shelf'), 'etagere shelf, format 2\n');
    await expect(openShelf(directory)).rejects.toThrow('is the shelf of another version of Etagere');
  });

  it('is taken where another process was killed before its marker was whole', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'etagere-shelf'), 'etag');
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it.each([
    ['before its marker was flushed', '\0'.repeat(24)],
    ['before a byte of its marker was there', ''],
  ])('is taken where the power failed %s', async (_when, marker) => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'etagere-shelf'), marker);
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('has its marker flushed, and its name, before anything else is in it', async () => {
    const done: string[] = [];
    const told =
      <A extends readonly unknown[], R>(what: string, act: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> => {
        done.push(what);
        return act(...args);
      };
    const { create, write, sync, syncDirectory, makeDirectory } = systemFiles;
    const files = {
      ...systemFiles,
      create: told('create', create),
      write: told('write', write),
      sync: told('sync', sync),
      syncDirectory: told('syncDirectory', syncDirectory),
      makeDirectory: told('makeDirectory', makeDirectory),
    };
    await openShelf(join(await newDirectory(), 'shelf'), { files });
    const first = ['makeDirectory', 'syncDirectory', 'create', 'write', 'sync', 'syncDirectory', 'makeDirectory'];
    expect(done.slice(0, first.length)).toEqual(first);
  });

  it('is refused with less room than a shelf needs', async () => {
    await expect(openShelf(await newDirectory(), { maxBytes: leastDiskBytes - 1 })).rejects.toThrow(DirectoryRefused);
  });

  it('is refused with the reason of the system', async () => {
    const files = { ...systemFiles, list: () => Promise.reject(new Error('EIO: i/o error')) };
    await expect(openShelf(await newDirectory(), { files })).rejects.toThrow(
      "can't be used for a shelf: EIO: i/o error",
    );
  });
});

function look(directory: string, files = systemFiles): ReturnType<typeof lookAtDirectory> {
  return lookAtDirectory(files, layoutOf(directory));
}

describe('a look at the directory of a shelf', () => {
  it('finds what the start would make, and makes nothing', async () => {
    const above = await newDirectory();
    expect(await look(join(above, 'deep', 'shelf'))).toEqual({ standing: above, isThere: false, otherUser: undefined });
    expect(await look(above)).toEqual({ standing: above, isThere: true, otherUser: undefined });
    expect(await readdir(above)).toEqual([]);
  });

  it('refuses what the start would refuse', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'etagere-shelf'), 'etagere shelf, format 2\n');
    await expect(look(directory)).rejects.toThrow('is the shelf of another version of Etagere');
    await expect(look(join(directory, 'etagere-shelf'))).rejects.toThrow('is a file; give a directory');
    await expect(look(join(directory, 'etagere-shelf', 'shelf'))).rejects.toThrow(/etagere-shelf is a file|ENOTDIR/);
    await chmod(directory, 0o777);
    await expect(look(directory)).rejects.toThrow('everybody may write');
  });

  it('leaves to another user what is theirs', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'photo.jpg'), '');
    const uid = (process.getuid?.() ?? 0) + 1;
    const files = {
      ...systemFiles,
      facts: async (path: string) => {
        const facts = await systemFiles.facts(path);
        return facts && { ...facts, uid };
      },
    };
    expect(await look(directory, files)).toEqual({ standing: directory, isThere: true, otherUser: uid });
  });
});
