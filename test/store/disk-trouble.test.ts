import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type Environment,
  type OpenEnvironment,
  openLmdb,
  type Table,
  tableNames,
  type Tables,
} from '../../src/store/disk/environment.ts';
import { systemFiles } from '../../src/store/disk/files.ts';
import { Trouble } from '../../src/store/disk/trouble.ts';
import { newDirectory, openShelf } from './disk-ground.ts';
import { placeOf, putRecord } from './ground.ts';
import { Later } from './later.ts';

/** A trouble whose attempts fail until they are told not to. */
function trouble(): {
  readonly trouble: Trouble;
  readonly pauses: number[];
  readonly lines: string[];
  readonly attempt: (works: boolean) => Promise<void>;
} {
  const pauses: number[] = [];
  const lines: string[] = [];
  let next: (() => void) | undefined;
  let works = false;
  const made = new Trouble({
    directory: '/shelf',
    warn: (line) => lines.push(line),
    after: (ms, task) => {
      pauses.push(ms);
      next = task;
      return () => {
        next = undefined;
      };
    },
    attempt: async () => {
      if (!works) throw new Error('still');
    },
  });
  const attempt = async (isMended: boolean): Promise<void> => {
    works = isMended;
    next?.();
    await turn();
  };
  return { trouble: made, pauses, lines, attempt };
}

describe('trouble with a disk', () => {
  it('is told once, whatever else fails, and so is its end', async () => {
    const { trouble: disk, lines, attempt } = trouble();
    disk.failed(new Error('ENOSPC: no space left'));
    disk.failed(new Error('EIO'));
    await attempt(false);
    expect(disk.isUp).toBe(false);
    await attempt(true);
    expect(disk.isUp).toBe(true);
    expect(lines).toEqual([
      'nothing new is stored in /shelf until that works again: ENOSPC: no space left',
      '/shelf can be written to again',
    ]);
    expect(disk.failures).toBe(3);
  });

  it('is looked at again after 1 s, 2 s and so on, up to 30 s, and the next time after 1 s again', async () => {
    const { trouble: disk, pauses, attempt } = trouble();
    disk.failed(new Error('EIO'));
    for (let i = 0; i < 7; i++) await attempt(false);
    await attempt(true);
    disk.failed(new Error('EIO'));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 1_000]);
  });

  it('is nobody’s business after the end', async () => {
    const { trouble: disk, pauses, lines, attempt } = trouble();
    disk.failed(new Error('EIO'));
    disk.close();
    await attempt(true);
    disk.failed(new Error('EIO'));
    expect([pauses, lines.length]).toEqual([[1_000], 1]);
  });

  it('keeps what lies there from nobody, where it is full', async () => {
    let free = Number.POSITIVE_INFINITY;
    const files = { ...systemFiles, freeBytes: async () => free };
    const later = new Later();
    const lines: string[] = [];
    const shelf = await openShelf(await newDirectory(), {
      files,
      warn: (line) => lines.push(line),
      after: later.after,
    });
    await putRecord(shelf, placeOf(1), 'head', 'content');
    free = 1_000;
    expect(await putRecord(shelf, placeOf(2), 'head', 'content')).toBe(false);
    expect(shelf.draft(placeOf(2), 1)).toBeUndefined();
    expect(shelf.stats().isUp).toBe(false);
    expect(shelf.at(placeOf(1))?.pieces.read(0)).toHaveLength(7);
    // What takes nothing is done all the same: a purge above all.
    expect((await shelf.log.append({ kind: 'purge', selection: { kind: 'all' } })).number).toBeGreaterThan(0);
    expect(await shelf.remove(placeOf(1))).toBe(true);
    free = Number.POSITIVE_INFINITY;
    later.pass();
    await expect.poll(() => shelf.stats().isUp).toBe(true);
    expect(await putRecord(shelf, placeOf(2), 'head', 'content')).toBe(true);
    expect(lines).toEqual([
      expect.stringMatching(/ has 0 MiB for the shelf, /),
      expect.stringMatching(/until that works again: 1000 bytes are left in the file system$/),
      expect.stringMatching(/ has room again for /),
      expect.stringMatching(/can be written to again$/),
    ]);
  });

  it.each(['small', 'long'])(
    'is told where the directory is gone, of which nothing is made anew, for %s content',
    async (kind) => {
      const content = kind === 'small' ? 'content' : 'x'.repeat(100_000);
      const above = await newDirectory();
      const [directory, elsewhere] = [join(above, 'shelf'), join(above, 'elsewhere')];
      const [lines, later] = [new Array<string>(), new Later()];
      const shelf = await openShelf(directory, { warn: (line) => lines.push(line), after: later.after });
      expect(await putRecord(shelf, placeOf(1), 'head', content)).toBe(true);
      await rename(directory, elsewhere);
      expect(await putRecord(shelf, placeOf(2), 'head', content)).toBe(false);
      const failures = shelf.stats().failures;
      later.pass();
      await expect.poll(() => shelf.stats().failures).toBeGreaterThan(failures);
      expect(await readdir(above)).toEqual(['elsewhere']);
      await (await openShelf(directory)).close();
      later.pass();
      await expect.poll(() => shelf.stats().failures).toBeGreaterThan(failures + 1);
      expect(shelf.stats().isUp).toBe(false);
      await rename(directory, join(above, 'another'));
      await rename(elsewhere, directory);
      later.pass();
      await expect.poll(() => shelf.stats().isUp).toBe(true);
      expect(await putRecord(shelf, placeOf(2), 'head', content)).toBe(true);
      expect(lines).toEqual([
        `nothing new is stored in ${directory} until that works again: its directory was removed or moved; put it back, or restart Etagere`,
        `${directory} can be written to again`,
      ]);
    },
  );

  it('that lasts until the process ends is told as such, though it began as any other, and nothing is found or stored', async () => {
    const panic = Object.assign(new Error('MDB_PANIC: environment had fatal error'), { code: -30_795 });
    let error: Error | undefined;
    const openEnvironment: OpenEnvironment = async (...args) => failing(await openLmdb(...args), () => error);
    const [lines, later] = [new Array<string>(), new Later()];
    const directory = await newDirectory();
    const shelf = await openShelf(directory, { openEnvironment, warn: (line) => lines.push(line), after: later.after });
    await putRecord(shelf, placeOf(1), 'head', 'content');
    error = new Error('EIO: i/o error');
    expect(await putRecord(shelf, placeOf(2), 'head', 'content')).toBe(false);
    error = panic;
    for (let failures = shelf.stats().failures, i = 0; i < 3; i++) {
      later.pass();
      await expect.poll(() => shelf.stats().failures).toBeGreaterThan(failures + i);
    }
    expect(() => shelf.row(placeOf(1).row)).toThrow('MDB_PANIC');
    expect(shelf.draft(placeOf(2), 7)).toBeUndefined();
    await expect(shelf.log.append({ kind: 'purge', selection: { kind: 'all' } })).rejects.toThrow('MDB_PANIC');
    expect(shelf.stats()).toMatchObject({ isUp: false, responses: undefined, bytesUsed: undefined });
    expect(lines).toEqual([
      `nothing new is stored in ${directory} until that works again: EIO: i/o error`,
      `the shelf in ${directory} is lost to this process (MDB_PANIC: environment had fatal error): memory and the origins answer; restart Etagere to have it again`,
    ]);
  });
});

/** An environment all of whose calls fail with an error, as long as there is one. */
function failing(environment: Environment, error: () => Error | undefined): Environment {
  const on =
    <A extends readonly unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R => {
      const failure = error();
      if (failure !== undefined) throw failure;
      return act(...args);
    };
  const tables = tableNames.map((name): readonly [string, Table] => {
    const table = environment[name];
    return [
      name,
      {
        get: on((key) => table.get(key)),
        has: on((key) => table.has(key)),
        put: on((key, value) => table.put(key, value)),
        remove: on((key) => table.remove(key)),
        range: on((query) => table.range(query)),
        count: on(() => table.count()),
      },
    ];
  });
  return {
    ...(Object.fromEntries(tables) as Tables),
    transaction: async (work) => on(() => environment.transaction(work))(),
    refresh: () => environment.refresh(),
    usedBytes: on(() => environment.usedBytes()),
    fileBytes: () => environment.fileBytes(),
    close: () => environment.close(),
  };
}
