import { readdir, stat } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Bus } from '../../src/store/disk/bus.ts';
import { type DiskBacking, type DiskOptions, openDisk } from '../../src/store/disk/backing.ts';
import type { ForetoldOrder, NumberedOrder } from '../../src/store/orders.ts';
import type { Ground } from './ground.ts';

/** A new directory, gone when the test is over. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'etagere-shelf-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A shelf there, closed when the test is over. */
export async function openShelf(directory: string, options: Partial<DiskOptions> = {}): Promise<DiskBacking> {
  const usual: DiskOptions = { directory, maxBytes: 64 * 2 ** 20, instance: 'one', warn: () => {} };
  const backing = await openDisk({ ...usual, ...options });
  onTestFinished(() => backing.close());
  return backing;
}

/** The paths of all files in a directory and those below, with their sizes. */
export async function filesIn(directory: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    // Any of them may be gone meanwhile.
    const facts = entry.isFile() ? await stat(path).catch(() => undefined) : undefined;
    if (facts !== undefined) found.set(path, facts.size);
  }
  return found;
}

const sharedBy = { token: 'tests', pid: process.pid };

/** A directory with a shelf that several backings share. */
export async function diskGround(busOf: (name: string) => Bus | undefined): Promise<Ground> {
  const directory = await mkdtemp(join(tmpdir(), 'etagere-shelf-'));
  const all: DiskBacking[] = [];
  const open = async (): Promise<DiskBacking> => {
    const instance = `worker ${all.length}`;
    const options: DiskOptions = { directory, maxBytes: 64 * 2 ** 20, instance, sharedBy, warn: () => {} };
    const backing = await openDisk({ ...options, bus: busOf(instance) });
    all.push(backing);
    return backing;
  };
  return {
    backing: await open(),
    another: open,
    close: async () => {
      for (const backing of all) await backing.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A way between all that are in one process. */
export function busesOfOneProcess(): (name: string) => Bus {
  const listeners = new Map<string, (order: NumberedOrder | ForetoldOrder) => void>();
  return (name) => ({
    foretell: async (order) => {
      for (const [instance, listener] of listeners) if (instance !== name) listener(order);
    },
    tell: async (order) =>
      [...listeners].flatMap(([instance, listener]) => {
        if (instance === name) return [];
        listener(order);
        return { instance, ms: 0 };
      }),
    listen: (listener) => void listeners.set(name, listener),
  });
}
