import { spawn } from 'node:child_process';
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

/** Runs a program to its end. Rejects when it fails, with what it said. */
export async function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const complained: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, options.withinMs);
  process.once('exit', kill);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', kill);
  });
  if (code === 0) return said.join('');
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${said.join('')}${complained.join('')}`);
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After that it is killed. */
  readonly withinMs: number;
}
