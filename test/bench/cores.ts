import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Who runs where: what is measured has a core for itself. */
export interface Cores {
  /** The command that runs a server on its core; empty where there is only one core, or no way to choose. */
  readonly serverLauncher: readonly string[];
  /** In words, for the page. */
  readonly said: string;
}

/**
 * Moves this program, and with it all that it starts, off the first core that it may use. The load generator and the origin are then on another core
 * than the server, which is started by the launcher.
 */
export function divideCores(): Cores {
  const [first, second] = allowedCores();
  if (first === undefined || second === undefined) return { serverLauncher: [], said: 'all on the same cores' };
  const moved = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(second), String(process.pid)]);
  if (moved.status !== 0) return { serverLauncher: [], said: 'all on the same cores' };
  return {
    serverLauncher: ['taskset', '--cpu-list', String(first)],
    said: `the server on core ${first}, load generator and origin on core ${second}`,
  };
}

function allowedCores(): readonly number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(statusOfThisProcess())?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from = NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: Number.isNaN(from) ? 0 : to - from + 1 }, (_, index) => from + index);
  });
}

function statusOfThisProcess(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
