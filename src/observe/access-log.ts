import { pino } from 'pino';
import type { EngineEvents } from '../engine/events.ts';
import type { OrderEvents } from '../engine/orders.ts';
import { assertNever, type EpochMs } from '../http/message.ts';
import { combinedLine, combinedRefusal, combinedStamps } from './combined-line.ts';
import type { LogDestination } from './log-destination.ts';
import { orderFields, orderLevel, prettyOrder } from './order-line.ts';
import {
  failureFields,
  logFields,
  logLevel,
  prettyFailure,
  prettyLine,
  prettyRefusal,
  refusalFields,
} from './log-line.ts';

export interface AccessLogOptions {
  readonly style: 'json' | 'combined' | 'pretty';
  readonly cacheName: string;
  readonly destination: LogDestination;
  readonly wall: () => EpochMs;
}

/** One line for each exchange, for each request that was refused before it became one, and for each order of an operator. */
export interface AccessLog extends EngineEvents, OrderEvents {
  /** Writes no more lines. Resolves when all are out, or when whoever reads them had time enough. */
  close(): Promise<void>;
  /** Opens the file anew that it writes to, under the same name: the old one was moved away. Nothing for stdout. */
  reopen(): void;
}

/** Nobody listens. */
export const noLog: AccessLog = {
  exchangeEnded() {},
  requestRefused() {},
  validationFailed() {},
  originAnswered() {},
  orderEnded() {},
  async close() {},
  reopen() {},
};

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

/** A log of every exchange, as JSON (one object a line), in the combined format, or for a person to read. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { destination } = options;
  const whole = { close: () => destination.close(), reopen: () => destination.reopen() };
  switch (options.style) {
    case 'json':
      return { ...whole, ...jsonEvents(options) };
    case 'combined':
      return { ...whole, ...combinedEvents(options) };
    case 'pretty':
      return { ...whole, ...prettyEvents(options) };
    default:
      return assertNever(options.style);
  }
}

/** What has a line, or could have. */
type LineEvents = EngineEvents & OrderEvents;

function prettyEvents({ destination, wall }: AccessLogOptions): LineEvents {
  return {
    exchangeEnded: (record) => destination.write(prettyLine(record, wall())),
    requestRefused: (record) => destination.write(prettyRefusal(record, wall())),
    validationFailed: (failure) => destination.write(prettyFailure(failure, wall())),
    originAnswered() {},
    orderEnded: (record) => destination.write(prettyOrder(record, wall())),
  };
}

/** The format knows requests of clients alone: validations in the background and orders of operators have no line. */
function combinedEvents({ destination, wall, cacheName }: AccessLogOptions): LineEvents {
  const stamp = combinedStamps(wall);
  return {
    exchangeEnded: (record) => destination.write(combinedLine(record, cacheName, stamp())),
    requestRefused: (record) => destination.write(combinedRefusal(record, stamp())),
    validationFailed() {},
    originAnswered() {},
    orderEnded() {},
  };
}

function jsonEvents({ destination, wall, cacheName }: AccessLogOptions): LineEvents {
  const logger = pino(
    { base: null, timestamp: timestamps(wall), formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  return {
    exchangeEnded: (record) => logger[logLevel(record)](logFields(record, cacheName)),
    requestRefused: (record) => logger.info(refusalFields(record)),
    validationFailed: (failure) => logger.warn(failureFields(failure)),
    originAnswered() {},
    orderEnded: (record) => logger[orderLevel(record)](orderFields(record)),
  };
}
