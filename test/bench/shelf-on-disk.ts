import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type DiskBacking, openDisk } from '../../src/store/disk/backing.ts';
import { markdownTable } from '../markdown-table.ts';
import { placeOf } from './spread-places.ts';
import type { Section } from './section.ts';
import type { Stage } from './stage.ts';
import { median, percentile } from './statistics.ts';
import { attempted } from './trouble.ts';

const headBytes = 600;
const contentBytes = 1_024;
const aMillion = 1_000_000;
const few = 10_000;
/** Records on their way at a time. */
const together = 512;
/** Those of requests that have to make room for what they put. */
const crowd = 64;
const fullBytes = 64 * 2 ** 20;
const hourMs = 3_600_000;

/** What a shelf on a disk costs by itself, without a server around it: in this process, on a real disk. */
export async function shelfSection({ quick }: Stage): Promise<Section> {
  const entries = quick ? few : aMillion;
  const { value, trouble } = await attempted('shelf', () => inFolder((folder) => rowsOf(folder, entries)));
  const rows = value ?? [[trouble ?? '']];
  const text = `A shelf of ${entries} records, each of ${headBytes} bytes of head and ${contentBytes} of content, without a server around it, in the folder for temporary files. CPU is that of the process, with what LMDB does in its threads. The last row is of a
shelf of 64 MiB that is full: each record has to make room. The event loop is waited for by whoever asks meanwhile; it counts in wall time, and so what else the machine does.

${markdownTable(['what', 'µs CPU', 'median', 'p99'], rows)}`;
  return { name: 'shelf', title: 'A shelf on a disk', text, troubles: trouble === undefined ? 0 : 1 };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'etagere-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rowsOf(folder: string, entries: number): Promise<readonly (readonly string[])[]> {
  const directory = join(folder, 'large');
  const putUs = await filled(directory, entries);
  const began = performance.now();
  const shelf = await open(directory, 2 ** 40);
  const isThere = shelf.at(placeOf(0)) !== undefined && shelf.stats().responses === entries;
  const readyMs = performance.now() - began;
  if (!isThere) throw new Error('what was kept is not there');
  const reads = [await readings(shelf, entries), await readings(shelf, entries)];
  await shelf.close();
  return [
    [`a record put, ${together} at a time`, putUs.toFixed(0), '', ''],
    ['ready to be read after a start', '', `${readyMs.toFixed(0)} ms`, ''],
    ...reads.map((figures, i) => [`a row with its content, read ${i === 0 ? 'first' : 'again'}`, ...figures]),
    [`event loop, while ${crowd} at a time make room`, ...(await waits(join(folder, 'full'), entries / 10))],
  ];
}

function open(directory: string, maxBytes: number): Promise<DiskBacking> {
  return openDisk({ directory, maxBytes, instance: 'bench', warn: (line) => console.error(line) });
}

/** µs of CPU for each record. */
async function filled(directory: string, entries: number): Promise<number> {
  const shelf = await open(directory, 2 ** 40);
  const before = process.cpuUsage();
  await putAll(shelf, { first: 0, end: entries, atATime: together });
  const { user, system } = process.cpuUsage(before);
  await shelf.close();
  return (user + system) / entries;
}

interface Run {
  readonly first: number;
  readonly end: number;
  readonly atATime: number;
}

async function putAll(shelf: DiskBacking, { first, end, atATime }: Run): Promise<void> {
  const [head, content] = [Buffer.alloc(headBytes, 'head'), Buffer.alloc(contentBytes, 'content')];
  let next = first;
  const putting = async (): Promise<void> => {
    while (next < end) {
      const draft = shelf.draft(placeOf(next++), contentBytes);
      if (draft?.write(content) !== true || !(await draft.commit(head, hourMs))) throw new Error('it was not kept');
    }
  };
  await Promise.all(Array.from({ length: atATime }, putting));
}

/** µs of CPU for each, and how long they take. */
async function readings(shelf: DiskBacking, entries: number): Promise<readonly string[]> {
  const times: number[] = [];
  const before = process.cpuUsage();
  const count = Math.min(100_000, entries);
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    const content = shelf.row(placeOf((i * 40_503) % entries).row).lying[0]?.pieces.read(0);
    if (!(content instanceof Uint8Array) || content.length !== contentBytes) throw new Error('it is not there');
    times.push((performance.now() - start) * 1_000);
    if (i % 64 === 0) await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(before);
  return [
    ((user + system) / count).toFixed(1),
    `${median(times).toFixed(0)} µs`,
    `${percentile(times, 99).toFixed(0)} µs`,
  ];
}

/** µs of CPU for each record that is put on a full shelf, and how long the event loop is late. */
async function waits(directory: string, entries: number): Promise<readonly string[]> {
  const shelf = await open(directory, fullBytes);
  const full = Math.min(entries, fullBytes / 2_048);
  await putAll(shelf, { first: 0, end: full, atATime: together });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.cpuUsage();
  delay.enable();
  await putAll(shelf, { first: full, end: full + entries, atATime: crowd });
  delay.disable();
  const { user, system } = process.cpuUsage(before);
  await shelf.close();
  const ms = (hundredths: number): string => `${(delay.percentile(hundredths) / 1e6).toFixed(1)} ms`;
  return [((user + system) / entries).toFixed(0), ms(50), ms(99)];
}
