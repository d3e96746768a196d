import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuMs, peakMemory, processTree, residentMemory, ownMemory, statFields } from '../process-figures.ts';

/** Of no process: numbers do not go that far. */
const nobody = 2 ** 31 - 1;

describe('the figures of a process', () => {
  it('are read after its name, whatever that is', () => {
    expect(statFields('12 (a) b (c)) S 7 12').slice(0, 2)).toEqual(['S', '7']);
  });

  it('are none for a process that there is not', () => {
    expect(processTree(nobody)).toEqual([]);
    expect(cpuMs([nobody])).toBe(0);
    expect(peakMemory([nobody])).toBe(0);
    expect(residentMemory([nobody])).toBe(0);
  });
});

describe.runIf(existsSync('/proc/self/stat'))('the figures of this process', () => {
  it('have its children among its tree, and not its parent', () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => 0, 1e6)']);
    try {
      const tree = processTree(process.pid);
      expect(tree[0]).toBe(process.pid);
      expect(tree).toContain(child.pid);
      expect(tree).not.toContain(process.ppid);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('are those that it knows of itself', () => {
    const { user, system } = process.cpuUsage();
    // Times of /proc are whole hundredths of a second; a process had as much at its start, before it could ask.
    expect(cpuMs([process.pid])).toBeGreaterThanOrEqual(Math.floor((user + system) / 10_000) * 10 - 20);
    const resident = residentMemory([process.pid]);
    expect(resident).toBeGreaterThan(2 ** 20);
    expect(ownMemory([process.pid])).toBeGreaterThan(2 ** 20);
    expect(ownMemory([process.pid])).toBeLessThan(peakMemory([process.pid]));
    expect(peakMemory([process.pid])).toBeGreaterThan(resident / 2);
    expect(residentMemory([process.pid, process.pid])).toBeGreaterThan(1.5 * resident);
  });
});
