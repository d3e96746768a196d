import cluster, { type Worker } from 'node:cluster';
import { getSystemErrorName } from 'node:util';
import type { Channel } from './channel.ts';
import { closeUntaken } from './handed-over.ts';
import type { ToPrimary, ToWorker } from './messages.ts';
import type { WorkerProcess } from './supervisor.ts';

/** What a process is begun with. */
export interface ClusterOptions {
  /** Gets what workers write to their stdout, in whole lines. */
  readonly lines: (text: string) => void;
  readonly variables: Readonly<Record<string, string>>;
}

/** Begins processes that run the same program, and accept connections at one address in turn. Docs: docs/decisions/0017-workers.md. */
export function clusterFork({ lines, variables }: ClusterOptions): () => WorkerProcess {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({
    args: [],
    // Settings have Infinity in them, which JSON has not.
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return () => {
    try {
      return processOf(cluster.fork(variables), lines);
    } catch (error) {
      return neverBegun(error);
    }
  };
}

function processOf(worker: Worker, lines: ClusterOptions['lines']): WorkerProcess {
  worker.on('error', () => undefined);
  handOnLines(worker, lines);
  closeUntaken(worker.process);
  return {
    channel: channelTo(worker),
    onEnd: (callback) => void worker.process.once('close', (code, signal) => callback(howEnded(code, signal))),
    kill: () => void worker.process.kill('SIGKILL'),
  };
}

/** Where the system did not let it begin, Node has that for its code, and is below 0; for want of memory and some other reasons it throws instead. */
function howEnded(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `by ${signal}`;
  return code !== null && code < 0 ? `by ${getSystemErrorName(code)}` : `with code ${code}`;
}

/** A process that is none: it has ended before it could say anything. */
function neverBegun(error: unknown): WorkerProcess {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return {
    channel: { send: async () => {}, listen: () => {} },
    onEnd: (callback) => queueMicrotask(() => callback(`by ${reason}`)),
    kill: () => {},
  };
}

/** The way to the process that has begun this one, which ends with that. */
export function channelToPrimary(): Channel<ToPrimary, ToWorker> {
  cluster.worker?.on('disconnect', endAtOnce);
  // What Node itself sends, about a listener that is closed for example, comes too late.
  process.on('error', endAtOnce);
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (process.send === undefined || !process.connected) resolve();
        else process.send(message, undefined, undefined, () => resolve());
      }),
    listen: (listener) => void process.on('message', (message) => listener(message as ToWorker)),
  };
}

/** Without the tidy end that an exit has: nobody is there any more to hear of it. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

function channelTo(worker: Worker): Channel<ToWorker, ToPrimary> {
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (worker.isConnected()) worker.send(message, undefined, undefined, () => resolve());
        else resolve();
      }),
    listen: (listener) => void worker.on('message', (message) => listener(message as ToPrimary)),
  };
}

/** Lines of several processes would else be written into one another: a pipe takes more than 4 KiB in pieces. */
function handOnLines({ process }: Worker, lines: (text: string) => void): void {
  let rest = '';
  process.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      rest += text;
      return;
    }
    lines(rest + text.slice(0, end));
    rest = text.slice(end);
  });
  process.stdout?.on('end', () => {
    if (rest !== '') lines(`${rest}\n`);
  });
}
