import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where something was measured; figures of another machine are others. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** `Linux 6.1.0` */
  readonly kernel: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version.slice(1),
  };
}

/** How many files a process may have open at once, at most. */
export function mostOpenFiles(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === 'unlimited' ? 2 ** 20 : Number(limit);
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What figures depend on; pages do not count. */
const measured = ['src', 'build', 'test/bench', 'package-lock.json'];

/** What is checked out here, as git names it, and whether it was changed since; undefined where git can't tell. */
export function commitHere(): string | undefined {
  try {
    const commit = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', '--', ...measured) === '' ? commit : `${commit}, with changes`;
  } catch {
    return undefined;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
}
