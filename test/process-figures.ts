import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc, which are hundredths of a second on every Linux that there is. */
const tickMs = 10;

/** A process and all that descend from it; those that have ended are not among them. Empty where there is no /proc. */
export function processTree(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of processNames()) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const tree = parents.has(pid) ? [pid] : [];
  // The array grows while it is walked: children are found from their parents.
  for (const member of tree) for (const [child, parent] of parents) if (parent === member) tree.push(child);
  return tree;
}

/** User and system time of these processes so far, with that of their threads, also of those that have ended, in milliseconds. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + tickMs * (ticksOf(statOf(pid)) ?? 0), 0);
}

/** Largest resident memory of each so far, together, in bytes; 0 where /proc has none to tell. */
export function peakMemory(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (memoryOf(pid, 'VmHWM') ?? 0), 0);
}

/** Resident memory of these processes now, in bytes; 0 where /proc has none to tell. */
export function residentMemory(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (memoryOf(pid, 'VmRSS') ?? 0), 0);
}

/** The same without what is in memory of files, which the system takes back where it is wanted, and which processes that read the same file share. */
export function ownMemory(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (memoryOf(pid, 'RssAnon') ?? 0) + (memoryOf(pid, 'RssShmem') ?? 0), 0);
}

/** What a process is, for whoever wonders why it still runs: its number, its state in one letter, its CPU time and its command line. */
export function processLine(pid: number): string {
  const [state = '?'] = statFields(statOf(pid) ?? '');
  return `${pid} ${state} ${cpuMs([pid])} ms ${commandLine(pid)}`;
}

/** Descriptors that these processes have open, together; 0 where /proc has none to tell. */
export function openDescriptors(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + descriptorsOf(pid), 0);
}

const mostOfLimit = 1.3;
const besideMebibytes = 120;

/**
 * The most memory that a process of Etagere may take, in bytes, at `--memory` of so many MiB: three tenths more for what the collector has not found
 * yet, and the program itself with its connections.
 */
export function promisedMemory(limitMebibytes: number): number {
  return (mostOfLimit * limitMebibytes + besideMebibytes) * 2 ** 20;
}

/** The same in words. */
export const memoryPromise = `${mostOfLimit} times the limit and ${besideMebibytes} MiB`;

/** `/proc/PID/stat` after the name of the program, which may hold anything: state, parent, … */
export function statFields(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function processNames(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function parentOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : Number(statFields(stat)[1]);
}

function ticksOf(stat: string | undefined): number | undefined {
  if (stat === undefined) return undefined;
  const [user, system] = statFields(stat).slice(11, 13);
  return Number(user) + Number(system);
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function memoryOf(pid: number, name: string): number | undefined {
  try {
    const lines = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(lines)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
