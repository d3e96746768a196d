import { type ChildProcess, spawn } from 'node:child_process';
import { processLine, processTree } from './process-figures.ts';

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After that it is killed, with all that it has started. */
  readonly withinMs: number;
}

/** Runs a program to its end, and resolves with what it wrote. Rejects when it fails or is not done in time, with all that it said, and with what it was then waiting for. */
export async function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const complained: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complained.push(text));
  const kill = (): void => void killTree(child);
  process.once('exit', kill);
  try {
    const ended = await endOf(child, options.withinMs);
    if (ended === 0) return said.join('');
    throw new Error(`${command} ${args.join(' ')} ${told(ended)}\n${said.join('')}${complained.join('')}`);
  } finally {
    process.off('exit', kill);
  }
}

/** Its exit code, the signal that ended it, or what was still running when its time was over. */
type End = number | NodeJS.Signals | { readonly running: readonly string[]; readonly afterMs: number };

/** What a program leaves running may keep what it writes to open: that is not waited for when its time is over. */
function endOf(child: ChildProcess, withinMs: number): Promise<End> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve({ running: killTree(child), afterMs: withinMs });
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, withinMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? 'SIGKILL');
    });
  });
}

/** Kills it and all that it has started, as far as /proc tells. Returns what they were. */
function killTree(child: ChildProcess): readonly string[] {
  const tree = child.pid === undefined ? [] : processTree(child.pid);
  const running = tree.map(processLine);
  child.kill('SIGKILL');
  for (const member of tree) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  return running;
}

function told(end: End): string {
  if (typeof end !== 'object') return `ended with ${end}`;
  return [`was not done after ${end.afterMs / 1000} s; it was running`, ...end.running].join('\n  ');
}
