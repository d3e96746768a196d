import { createInterface } from 'node:readline';
import { peakMemory } from '../process-figures.ts';
import { launchEtagere } from './etagere-launch.ts';

/** One line of the access log, as far as these programs look at it. */
export interface LogLine {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly hit: boolean;
  readonly fwd?: string;
  readonly end: string;
}

/** Etagere as a process of its own. */
export interface EtagereProcess {
  readonly url: string;
  readonly log: readonly LogLine[];
  /** Largest resident memory so far, in bytes; undefined where /proc has none to tell. */
  peakMemory(): number | undefined;
  /** Drains and ends it. Rejects when it does not end cleanly. */
  stop(): Promise<void>;
}

/** Starts Etagere before an origin, on a free port, logging as JSON. */
export async function startEtagere(origin: string, flags: readonly string[] = []): Promise<EtagereProcess> {
  const launched = await launchEtagere(origin, ['--log', 'json', ...flags], { stdout: 'pipe' });
  const { url, pid, stdout } = launched;
  const log: LogLine[] = [];
  if (stdout !== undefined)
    createInterface({ input: stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  return { url, log, peakMemory: () => peakMemory([pid]) || undefined, stop: () => launched.stop() };
}
