import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The built command line: what a user runs. */
export const builtProgram = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How long a child may take to be ready or to end before it counts as broken. */
const patienceMs = 30_000;

/** How Etagere is to run here, where it matters. */
export interface EtagereLaunch {
  /** Another one than what is built here. */
  readonly program?: string;
  /** Another Node than the one that runs here. */
  readonly node?: string;
  /** A command that it is run by, such as `taskset -c 0`. */
  readonly launcher?: readonly string[];
  /** Where its access log goes: nowhere unless said; a number is an open file. */
  readonly stdout?: 'pipe' | 'ignore' | number;
}

/** Etagere that listens on a free port, as a process of its own. */
export interface LaunchedEtagere {
  readonly url: string;
  readonly pid: number;
  /** Where `stdout` is a pipe. */
  readonly stdout: Readable | undefined;
  /** All that it has said on stderr so far. */
  readonly lines: readonly string[];
  /** Its exit code, null where a signal has ended it. */
  readonly ended: Promise<number | null>;
  /** What it says on stderr: the first line that matches, as soon as it is there. Rejects where it is not within half a minute. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Drains and ends it. Rejects when it does not end cleanly. */
  stop(): Promise<void>;
}

/** Starts Etagere before an origin, on a free port. */
export async function launchEtagere(
  origin: string,
  flags: readonly string[],
  { program = builtProgram, node = process.execPath, launcher = [], stdout = 'ignore' }: EtagereLaunch = {},
): Promise<LaunchedEtagere> {
  const args = [program, origin, '--listen', '127.0.0.1:0', ...flags];
  const [command = node, ...rest] = [...launcher, node, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', stdout, 'pipe'] });
  // Whatever ends this program, nothing of it stays behind.
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', killed);
      resolve(code);
    });
  });
  const stderr = new Said(child.stderr);
  const url = await readyUrl(child, stderr, ended);
  const { pid } = child;
  if (pid === undefined) throw new Error('what listens is a process');
  return {
    url,
    pid,
    stdout: child.stdout ?? undefined,
    lines: stderr.lines,
    ended,
    said: (pattern) => withPatience(stderr.line(pattern), child, `did not say ${pattern}`),
    stop: async () => {
      child.kill('SIGTERM');
      const code = await withPatience(ended, child, 'did not end after SIGTERM');
      if (code !== 0) throw new Error(`etagere ended with ${code}`);
    },
  };
}

/** What a process says, line by line. */
class Said {
  readonly lines: string[] = [];
  readonly #waiters = new Set<(line: string) => void>();

  constructor(stream: Readable | null) {
    if (stream === null) throw new Error('stderr is a pipe');
    createInterface({ input: stream }).on('line', (line) => {
      this.lines.push(line);
      for (const wait of this.#waiters) wait(line);
    });
  }

  /** The first that matches. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      const look = (line: string): void => {
        const found = pattern.exec(line);
        if (found === null) return;
        this.#waiters.delete(look);
        resolve(found);
      };
      this.#waiters.add(look);
      for (const line of this.lines) look(line);
    });
  }
}

/** From the ready line on stderr. */
async function readyUrl(child: ChildProcess, said: Said, ended: Promise<number | null>): Promise<string> {
  const ready = said.line(/^etagere listening on (\S+) -> /).then(([, url = '']) => url);
  const failed = ended.then((code) => {
    throw new Error(`etagere ended with ${code} before it listened:\n${said.lines.join('\n')}`);
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
