import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The built command line: what a user runs. */
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How long a child may take to be ready or to end before it counts as broken. */
const patienceMs = 30_000;

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
  const args = [program, origin, '--listen', '127.0.0.1:0', '--log', 'json', ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  // Whatever ends this program, nothing of it stays behind.
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', killed);
      resolve(code);
    });
  });
  const log: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  const url = await readyUrl(child, ended);
  return {
    url,
    log,
    peakMemory: () => peakMemory(child),
    stop: async () => {
      child.kill('SIGTERM');
      const code = await withPatience(ended, child, 'did not end after SIGTERM');
      if (code !== 0) throw new Error(`etagere ended with ${code}`);
    },
  };
}

/** Runs a program to its end. Rejects when it fails, with what it said. */
export async function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const complained: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  const timer = setTimeout(() => child.kill('SIGKILL'), options.withinMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code === 0) return said.join('');
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${said.join('')}${complained.join('')}`);
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After that it is killed. */
  readonly withinMs: number;
}

/** From the ready line on stderr. */
async function readyUrl(child: ChildProcess, ended: Promise<number | null>): Promise<string> {
  const { stderr } = child;
  if (stderr === null) throw new Error('stderr is a pipe');
  const said: string[] = [];
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: stderr }).on('line', (line) => {
      said.push(line);
      const url = /^etagere listening on (\S+) -> /.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const failed = ended.then((code) => {
    throw new Error(`etagere ended with ${code} before it listened:\n${said.join('\n')}`);
  });
  // Once it is ready nobody waits for `failed` any more: its rejection at the end is no news.
  failed.catch(() => undefined);
  return withPatience(Promise.race([ready, failed]), child, 'did not listen');
}

async function withPatience<T>(result: Promise<T>, child: ChildProcess, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`etagere ${complaint} within ${patienceMs} ms`));
    }, patienceMs);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

function peakMemory(child: ChildProcess): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
