import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './files.ts';

/** By what a process is known again, where its number alone says little: it is given again, and means another process in another container. Empty is what the system does not tell. */
export interface ProcessMark {
  readonly pid: number;
  /** Ticks from the start of the machine to that of the process. */
  readonly started: string;
  /** Of the machine. */
  readonly boot: string;
  /** In which the number is that of the process. */
  readonly namespace: string;
}

/** The mark of a process that this one knows by its number. */
export function markOf(pid: number): ProcessMark {
  return { pid, started: startOf(pid), boot: bootOf(), namespace: namespaceOf() };
}

/** Whether that process runs; undefined where nobody can tell from here. */
export function isMarkedRunning({ pid, started, boot, namespace }: ProcessMark): boolean | undefined {
  if (boot !== bootOf()) return false;
  if (namespace !== namespaceOf()) return undefined;
  return isRunning(pid) && started === startOf(pid);
}

/** Whether there is a process by that number that has not ended; one that has is there until its parent has asked how. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It is there, and another user's.
    return codeOf(error) === 'EPERM';
  }
  return !endedStates.has(statusOf(pid)[0] ?? '');
}

const endedStates = new Set(['Z', 'X']);

function startOf(pid: number): string {
  return statusOf(pid)[19] ?? '';
}

/** What stands after the name of the program, which is in parentheses and may hold anything; where Linux is not, nothing. */
function statusOf(pid: number): readonly string[] {
  return (
    told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
      .split(') ')
      .at(-1)
      ?.split(' ') ?? []
  );
}

function bootOf(): string {
  return told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function namespaceOf(): string {
  return told(() => readlinkSync('/proc/self/ns/pid'));
}

function told(tell: () => string): string {
  try {
    return tell();
  } catch {
    return '';
  }
}
