import { pino } from 'pino';
import type { EngineEvents } from '../engine/events.ts';
import type { EpochMs } from '../http/message.ts';
import {
  failureFields,
  logFields,
  logLevel,
  prettyFailure,
  prettyLine,
  prettyRefusal,
  refusalFields,
} from './log-line.ts';

/** Where lines go. */
export interface LogDestination {
  write(line: string): void;
  /** Takes no more lines, and gives those that are still held back a moment to be written. */
  close(): Promise<void>;
}

export interface AccessLogOptions {
  readonly style: 'json' | 'pretty';
  readonly cacheName: string;
  readonly destination: LogDestination;
  readonly wall: () => EpochMs;
}

/** One line for each exchange, and for each request that was refused before it became one. */
export interface AccessLog extends EngineEvents {
  /** Writes no more lines. Resolves when all are out, or when whoever reads them had time enough. */
  close(): Promise<void>;
}

/** Nobody listens. */
export const noLog: AccessLog = {
  exchangeEnded() {},
  requestRefused() {},
  validationFailed() {},
  originAnswered() {},
  async close() {},
};

/** Lines that wait while the reader of stdout is slow; beyond it lines are lost, never memory or requests. */
const maxHeldBytes = 4 * 2 ** 20;

/** How long lines that wait may take to be written at the end. */
const lastLinesMs = 500;

/** Standard output, written to in the background. A reader that goes away (`| head`) or a disk that is full ends the log, not the process. */
export function stdoutDestination(): LogDestination {
  // Node makes a pipe non-blocking when its stream is asked for. Else a thread would wait in write() for a reader that stands still, and no process can end
  // before its threads.
  void process.stdout;
  let mayWait = true;
  let open = true;
  let broken = false;
  const stream = pino.destination({ fd: 1, sync: false, maxLength: maxHeldBytes, retryEAGAIN: () => mayWait });
  stream.on('error', () => {
    broken = true;
  });
  return {
    write(line) {
      if (open) stream.write(line);
    },
    async close() {
      if (!open) return;
      open = false;
      if (!broken) await written(stream);
      mayWait = false;
      stream.destroy();
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

/** The member with the time, as pino wants it. Many lines have the same millisecond, and writing that out is the dearest part of a line. */
function timestamps(wall: () => EpochMs): () => string {
  let last: EpochMs | undefined;
  let text = '';
  return () => {
    const now = wall();
    if (now !== last) text = `,"time":"${new Date(now).toISOString()}"`;
    last = now;
    return text;
  };
}

/** A log of every exchange, as JSON (one object a line) or for a person to read. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const close = () => options.destination.close();
  if (options.style === 'pretty') {
    const { destination, wall } = options;
    return {
      close,
      exchangeEnded: (record) => destination.write(prettyLine(record, wall())),
      requestRefused: (record) => destination.write(prettyRefusal(record, wall())),
      validationFailed: (failure) => destination.write(prettyFailure(failure, wall())),
      originAnswered() {},
    };
  }
  const logger = pino(
    {
      base: null,
      timestamp: timestamps(options.wall),
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination,
  );
  return {
    close,
    exchangeEnded: (record) => logger[logLevel(record)](logFields(record, options.cacheName)),
    requestRefused: (record) => logger.info(refusalFields(record)),
    validationFailed: (failure) => logger.warn(failureFields(failure)),
    originAnswered() {},
  };
}
