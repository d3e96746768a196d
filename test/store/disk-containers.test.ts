import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isRunning } from '../../src/store/disk/process-mark.ts';
import { newDirectory, openShelf } from './disk-ground.ts';

const backingModule = fileURLToPath(new URL('../../src/store/disk/backing.ts', import.meta.url));

/** As in a container of its own: its first process has the number 1, and is all that it sees. */
const unshared = ['-p', '-f', '--kill-child', '--mount-proc'];
const canUnshare = spawnSync('unshare', [...unshared, 'true']).status === 0;
if (!canUnshare)
  console.warn('NOT TESTED: the lock of a shelf between containers, as this user may not make any (unshare -p)');

/** Opens the shelf there, says how that went in one line, and runs on if it has it. */
const program = `
  import { openDisk } from ${JSON.stringify(backingModule)};
  const [directory] = process.argv.slice(1);
  try {
    await openDisk({ directory, maxBytes: 2 ** 26, instance: 'one', warn: () => {} });
    console.log('open as ' + process.pid);
    setInterval(() => {}, 1_000);
  } catch (error) {
    console.log(error.message);
  }`;
const nodeArgs = ['--import', 'tsx', '--input-type=module', '--eval', program];

interface Opening {
  readonly child: ChildProcess;
  /** The line that it says. */
  readonly said: Promise<string>;
}

function started(command: string, args: readonly string[]): Opening {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('it has a pipe');
  const lines = createInterface({ input: child.stdout });
  return { child, said: once(lines, 'line').then(([line]) => String(line)) };
}

function inContainer(directory: string): Opening {
  return started('unshare', [...unshared, process.execPath, ...nodeArgs, directory]);
}

function inUse(directory: string): string {
  return `${directory} is the shelf of process 1 in another container, which is running; give another directory, or stop that process`;
}

describe.runIf(canUnshare)('the lock of a shelf between containers', () => {
  it('is had by one of two that start at once, both as process 1, and after that was killed by the next', async () => {
    const directory = await newDirectory();
    const both = [inContainer(directory), inContainer(directory)];
    const said = await Promise.all(both.map((each) => each.said));
    expect(said.toSorted()).toEqual([inUse(directory), 'open as 1']);
    const child = both[said.indexOf('open as 1')]?.child;
    await expect(openShelf(directory)).rejects.toThrow(inUse(directory));
    const ended = child && once(child, 'exit');
    child?.kill('SIGKILL');
    await ended;
    // Its first process ends when the system comes to that.
    await expect.poll(async () => inContainer(directory).said, { timeout: 30_000 }).toBe('open as 1');
  });

  it('is kept from a container by a process outside of it', async () => {
    const directory = await newDirectory();
    await openShelf(directory);
    expect(await inContainer(directory).said).toContain(
      `${directory} is the shelf of process ${process.pid} in another`,
    );
  });
});

describe.runIf(process.platform === 'linux')('a process that has ended, and whose parent has not asked how', () => {
  it('leaves its shelf to the next, though there is one by its number', async () => {
    const directory = await newDirectory();
    // `sleep` asks of nobody.
    const parent = started('sh', ['-c', '"$@" & exec sleep 60', 'sh', process.execPath, ...nodeArgs, directory]);
    const pid = Number(/^open as (\d+)$/.exec(await parent.said)?.[1]);
    await expect(openShelf(directory)).rejects.toThrow(`is the shelf of process ${pid}, which is running`);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect([process.kill(pid, 0), isRunning(pid)]).toEqual([true, false]);
    expect((await openShelf(directory)).stats().isUp).toBe(true);
  });
});
