import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type After, afterwards } from '../../src/store/disk/afterwards.ts';
import type { DiskBacking } from '../../src/store/disk/backing.ts';
import { type Files, systemFiles } from '../../src/store/disk/files.ts';
import { InUse } from '../../src/store/disk/in-use.ts';
import { layoutOf } from '../../src/store/disk/layout.ts';
import { markOf, type ProcessMark } from '../../src/store/disk/process-mark.ts';
import { giveBackDirectory } from '../../src/store/disk/taking.ts';
import { newDirectory, openShelf } from './disk-ground.ts';
import { placeOf, putRecord } from './ground.ts';

/** The number of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid;
}

/** A directory that a process has taken, or had. */
async function takenBy(mark: Partial<ProcessMark>, holder: object = {}): Promise<string> {
  const directory = await newDirectory();
  await (await openShelf(directory)).close();
  await rm(join(directory, 'in-use', 'lock-1'), { recursive: true });
  const lock = join(directory, 'in-use', 'lock-7');
  await mkdir(lock);
  const text = JSON.stringify({
    token: 'before',
    isShared: false,
    isShown: true,
    ...holder,
    mark: { ...markOf(process.ppid), ...mark },
  });
  await writeFile(join(lock, 'holder'), text);
  return directory;
}

/** A file system where there can be no sockets, as a path is too long for one and the system has no other. */
const withoutSockets: Files = {
  ...systemFiles,
  facts: async (path) => (path === '/proc/self/fd' ? undefined : systemFiles.facts(path)),
};

async function deepDirectory(): Promise<string> {
  return join(await newDirectory(), 'd'.repeat(100));
}

const atOnce: After = (_, task) => {
  task();
  return () => {};
};

function isOpen({ status }: PromiseSettledResult<DiskBacking>): boolean {
  return status === 'fulfilled';
}

describe('the lock of a shelf', () => {
  it('keeps another out while its process runs', async () => {
    const directory = await newDirectory();
    await openShelf(directory);
    await expect(openShelf(directory)).rejects.toThrow(
      `${directory} is the shelf of process ${process.pid}, which is running; give another directory, or stop that process`,
    );
  });

  it('is given back at the end', async () => {
    const directory = await newDirectory();
    for (let i = 0; i < 3; i++) await (await openShelf(directory)).close();
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it.each(['where nobody had it', 'where somebody had it'])(
    'is had by one of many that ask at once, %s',
    async (before) => {
      const directory = before === 'where nobody had it' ? await newDirectory() : await takenBy({});
      const all = await Promise.allSettled(Array.from({ length: 8 }, () => openShelf(directory)));
      expect(all.filter(isOpen)).toHaveLength(1);
      expect((await readdir(join(directory, 'in-use'))).filter((name) => name.startsWith('lock-'))).toHaveLength(1);
    },
  );

  it('lets in who shares it, and stays until the process ends whose workers they are', async () => {
    const directory = await newDirectory();
    const sharedBy = { token: 'together', pid: process.ppid };
    const all = await Promise.all(
      ['one', 'two', 'three'].map((instance) => openShelf(directory, { instance, sharedBy })),
    );
    for (const shelf of all) await shelf.close();
    await expect(openShelf(directory)).rejects.toThrow(`is the shelf of process ${process.ppid}, which is running`);
  });

  it('is given back by the process whose workers have ended, and by no other', async () => {
    const directory = await takenBy(markOf(process.pid), { isShared: true, isShown: false });
    await giveBackDirectory(directory, { token: 'before', pid: process.ppid });
    await giveBackDirectory(directory, { token: 'another', pid: process.pid });
    await expect(openShelf(directory)).rejects.toThrow(`is the shelf of process ${process.pid}, which is running`);
    await giveBackDirectory(directory, { token: 'before', pid: process.pid });
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('is taken over from a process that is gone, with all that lies there', async () => {
    const directory = await newDirectory();
    const before = await openShelf(directory, { sharedBy: { token: 'gone', pid: endedPid() } });
    await putRecord(before, placeOf(1), 'head', 'content');
    await before.close();
    const after = await openShelf(directory);
    expect(after.at(placeOf(1))?.head.toString()).toBe('head');
  });

  it('is taken over from a process that was killed, with the sign that it has left', async () => {
    const directory = await takenBy({ pid: endedPid() });
    const left = join(directory, 'in-use', 'before-01234567');
    const listen = `require('node:net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['--eval', listen]);
    expect((await stat(left)).isSocket()).toBe(true);
    await openShelf(directory);
    await expect(stat(left)).rejects.toThrow('ENOENT');
  });

  it('is taken over from what lost its power before it was written', async () => {
    const directory = await takenBy({});
    await writeFile(join(directory, 'in-use', 'lock-7', 'holder'), '');
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('waits for the workers of a process that was killed, which end by themselves', async () => {
    const directory = await takenBy({ pid: endedPid() }, { isShared: true });
    const worker = await InUse.show(systemFiles, layoutOf(directory), 'before');
    let looks = 0;
    const after: After = (ms, task) => {
      if (ms !== 50) return afterwards(ms, task);
      void (++looks === 3 ? worker.hide() : Promise.resolve()).then(task);
      return () => {};
    };
    expect((await openShelf(directory, { after })).stats().isUp).toBe(true);
    expect(looks).toBe(3);
  });

  it('is refused for as long as workers of a process that was killed do not end', async () => {
    const pid = endedPid();
    const directory = await takenBy({ pid }, { isShared: true });
    const worker = await InUse.show(systemFiles, layoutOf(directory), 'before');
    await expect(openShelf(directory, { after: atOnce })).rejects.toThrow(
      `${directory} is the shelf of process ${pid}, which has ended, but not all of its workers`,
    );
    await worker.hide();
  });

  it('is refused to whom the number of the process says nothing, as in another container, until that has ended', async () => {
    const directory = await takenBy({ namespace: 'pid:[1]', pid: 1 });
    const other = await InUse.show(systemFiles, layoutOf(directory), 'before');
    await expect(openShelf(directory)).rejects.toThrow(
      `${directory} is the shelf of process 1 in another container, which is running; give another directory, or stop that process`,
    );
    await other.hide();
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('is given up by who has taken it while a worker of those before began anew', async () => {
    const directory = await takenBy({ namespace: 'pid:[1]', pid: 1 }, { isShared: true });
    const begun: InUse[] = [];
    const rename = async (from: string, to: string): Promise<void> => {
      await systemFiles.rename(from, to);
      if (to.endsWith('lock-8')) begun.push(await InUse.show(systemFiles, layoutOf(directory), 'before'));
    };
    await expect(openShelf(directory, { files: { ...systemFiles, rename } })).rejects.toThrow('in another container');
    const names = await readdir(join(directory, 'in-use'));
    expect(names.filter((name) => !name.startsWith('before-'))).toEqual(['lock-7']);
    for (const each of begun) await each.hide();
  });

  it('is taken over from a process whose number another has now', async () => {
    const sooner = await takenBy({ started: '1' }, { isShared: true });
    expect((await openShelf(sooner)).stats().isUp).toBe(true);
    const before = await takenBy({ boot: 'another' }, { isShared: true });
    expect((await openShelf(before)).stats().isUp).toBe(true);
  });

  it('holds by its sockets also where its path is too long for one', async () => {
    const directory = await deepDirectory();
    const shelf = await openShelf(directory);
    const inUse = join(directory, 'in-use');
    const sign = (await readdir(inUse)).find((name) => /^[0-9a-f]{12}-/.test(name)) ?? '';
    const holder = { token: sign.slice(0, 12), isShown: true, mark: { ...markOf(process.pid), namespace: 'pid:[1]' } };
    await writeFile(join(inUse, 'lock-1', 'holder'), JSON.stringify(holder));
    await expect(openShelf(directory)).rejects.toThrow('in another container, which is running');
    await shelf.close();
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });
});

describe('the lock of a shelf without sockets', () => {
  it('holds while its process runs, and is given back at the end', async () => {
    const directory = await deepDirectory();
    const shelf = await openShelf(directory, { files: withoutSockets });
    expect((await readdir(join(directory, 'in-use'))).toSorted()).toEqual(['lock-1']);
    await expect(openShelf(directory, { files: withoutSockets })).rejects.toThrow(
      `is the shelf of process ${process.pid}, which is running`,
    );
    await shelf.close();
    expect((await openShelf(directory, { files: withoutSockets })).stats().isUp).toBe(true);
  });

  it('is taken over from a process that was killed', async () => {
    const directory = await takenBy({ pid: endedPid() }, { isShown: false });
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });

  it('is refused where nobody can tell whether its process runs, with what to do', async () => {
    const directory = await takenBy({ namespace: 'pid:[1]', pid: 1 }, { isShown: false });
    const lock = join(directory, 'in-use', 'lock-7');
    await expect(openShelf(directory)).rejects.toThrow(
      `${directory} was the shelf of process 1 in another container, and without sockets in its file system nobody can tell whether that has ended; give another directory, or make sure that it has, and remove ${lock}`,
    );
    await rm(lock, { recursive: true });
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });
});
