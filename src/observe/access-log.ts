import { pino } from 'pino';
import type { EngineEvents } from '../engine/events.ts';
import type { EpochMs } from '../http/message.ts';
import { failureFields, logFields, prettyFailure, prettyLine, prettyRefusal, refusalFields } from './log-line.ts';

/** Where lines go. */
export interface LogDestination {
  write(line: string): void;
  /** Writes out what is still held back. */
  flushSync(): void;
}

export interface AccessLogOptions {
  readonly style: 'json' | 'pretty';
  readonly cacheName: string;
  readonly destination: LogDestination;
  readonly wall: () => EpochMs;
}

/** One line for each exchange, and for each request that was refused before it became one. */
export interface AccessLog extends EngineEvents {
  /** Writes out what is still held back; the log may be used on. */
  flush(): void;
}

/** Nobody listens. */
export const noLog: AccessLog = {
  exchangeEnded() {},
  requestRefused() {},
  validationFailed() {},
  flush() {},
};

/** Lines that wait while the reader of stdout is slow; beyond it lines are lost, never memory or requests. */
const maxHeldBytes = 4 * 2 ** 20;

/** Standard output, written to in the background. A reader that goes away (`| head`) ends the log, not the process. */
export function stdoutDestination(): LogDestination {
  return pino.destination({ fd: 1, sync: false, maxLength: maxHeldBytes });
}

/** A log of every exchange, as JSON (one object a line) or for a person to read. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const flush = () => options.destination.flushSync();
  if (options.style === 'pretty') {
    const { destination, wall } = options;
    return {
      flush,
      exchangeEnded: (record) => destination.write(prettyLine(record, wall())),
      requestRefused: (record) => destination.write(prettyRefusal(record, wall())),
      validationFailed: (failure) => destination.write(prettyFailure(failure, wall())),
    };
  }
  const logger = pino(
    {
      base: null,
      timestamp: () => `,"time":"${new Date(options.wall()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination,
  );
  return {
    flush,
    exchangeEnded: (record) => logger.info(logFields(record, options.cacheName)),
    requestRefused: (record) => logger.info(refusalFields(record)),
    validationFailed: (failure) => logger.warn(failureFields(failure)),
  };
}
