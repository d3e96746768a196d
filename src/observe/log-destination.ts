import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import type { LogTrouble } from './log-trouble.ts';

/** Where lines go. */
export interface LogDestination {
  write(line: string): void;
  /** Takes no more lines, and gives those that are still held back a moment to be written. */
  close(): Promise<void>;
  /** Opens its file anew, under the same name. */
  reopen(): void;
}

/** Lines that wait while whoever reads them is slow; beyond it lines are lost, never memory or requests. */
const maxHeldBytes = 4 * 2 ** 20;

/** Written at once, where so much has come meanwhile: what a pipe takes. */
const maxWriteBytes = 64 * 2 ** 10;

/** Of a file that is made. */
const fileMode = 0o640;

/** How long lines that wait may take to be written at the end. */
const lastLinesMs = 500;

/** Lines are handed on together, as a write costs more than a line: this many characters, */
const batchLength = 8 * 2 ** 10;

/** or what has come in that time. */
const batchMs = 200;

/** Standard output, written to in the background. A reader that goes away (`| head`) or a disk that is full ends the log, not the process. */
export function stdoutDestination(pace: 'line by line' | 'batched', trouble: LogTrouble): LogDestination {
  // Node makes a pipe non-blocking when its stream is asked for. Else a thread would wait in write() for a reader that stands still, and no process can end
  // before its threads.
  void process.stdout;
  const stream = streamDestination({ fd: 1 }, trouble);
  return pace === 'batched' ? batched(stream) : stream;
}

/**
 * A file, which is appended to, and made where there is none: for its owner and group, as there are addresses of clients in it.
 * @throws the system's error where it can't be opened
 */
export function fileDestination(path: string, trouble: LogTrouble): LogDestination {
  closeSync(openSync(path, 'a', fileMode));
  return batched(streamDestination({ dest: path, mode: fileMode }, trouble));
}

function streamDestination(
  target: { fd: number } | { dest: string; mode: number },
  trouble: LogTrouble,
): LogDestination {
  let mayWait = true;
  let open = true;
  let broken = false;
  let reopening = false;
  const stream = pino.destination({
    ...target,
    sync: false,
    maxLength: maxHeldBytes,
    maxWrite: maxWriteBytes,
    retryEAGAIN: () => mayWait,
  });
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken = true;
    if (!reopening || error.syscall !== 'open') return;
    reopening = false;
    trouble.notReopened(error.message);
  });
  // That a reader has gone is not told on and on: it was somebody's choice.
  stream.on('drop', (lines: string) => trouble.lost(lines, !broken || 'dest' in target));
  return {
    write(lines) {
      if (open) stream.write(lines);
    },
    async close() {
      if (!open) return;
      open = false;
      // A reader that has gone does not come back; a disk may have room again.
      if (!broken || 'dest' in target) await written(stream);
      mayWait = false;
      stream.destroy();
    },
    reopen() {
      if (!open || !('dest' in target)) return;
      reopening = true;
      stream.reopen();
    },
  };
}

/** Hands lines on together. They wait no longer than a moment, nor at the end. */
export function batched(destination: LogDestination): LogDestination {
  let held = '';
  let timer: NodeJS.Timeout | undefined;
  const handOn = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const lines = held;
    held = '';
    if (lines !== '') destination.write(lines);
  };
  return {
    write(line) {
      held += line;
      if (held.length >= batchLength) handOn();
      else timer ??= setTimeout(handOn, batchMs);
    },
    close() {
      handOn();
      return destination.close();
    },
    reopen() {
      handOn();
      destination.reopen();
    },
  };
}

/** Resolves when the stream has written everything, can't, or has had its time. */
async function written(stream: ReturnType<typeof pino.destination>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lastLinesMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    stream.once('close', done);
    stream.once('error', done);
    stream.end();
  });
}
