import type { Terminal } from './terminal.ts';

/** How long a process may take to end by itself, in milliseconds, twice: where it took long because this machine has much to do, it does so after the first. */
const ownEndMs = 100;

/** Whether a call to the file system has not come back: an exit would wait for its thread. */
export function isHeld(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** Has the process end also where such a call keeps it, for which nobody waits. */
export function endEvenIfHeld(terminal: Terminal): void {
  const end = (): void => {
    if (isHeld()) terminal.exitNow(0);
  };
  setTimeout(() => void setTimeout(end, ownEndMs).unref(), ownEndMs).unref();
}
