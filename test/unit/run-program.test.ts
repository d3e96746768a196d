import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { processLine } from '../process-figures.ts';
import { runProgram } from '../run-program.ts';

const node = process.execPath;

it('a program that ends resolves with what it wrote', async () => {
  expect(await runProgram(node, ['--eval', 'console.log(1)'], { cwd: '.', withinMs: 60_000 })).toBe('1\n');
});

it('one that fails rejects with what it said', async () => {
  const run = runProgram(node, ['--eval', 'console.log(1); throw new Error("why")'], { cwd: '.', withinMs: 60_000 });
  await expect(run).rejects.toThrow(/ended with 1\n1\n[^]*why/);
});

it.runIf(existsSync('/proc/self/stat'))(
  'one that has started another is over with it when its time is, though that keeps its output open',
  async () => {
    const run = runProgram('sh', ['-c', 'sleep 1000 & echo started $!; wait'], { cwd: '.', withinMs: 2_000 });
    const { message } = (await run.catch((error: unknown) => error)) as Error;
    const other = Number(/^started (\d+)$/m.exec(message)?.[1]);
    expect(message).toContain('was not done after 2 s; it was running');
    expect(message).toMatch(new RegExp(`^ +${other} . \\d+ ms sleep 1000$`, 'm'));
    // Nobody may have asked yet how it ended, whose child it is by now.
    await expect.poll(() => processLine(other)).toMatch(/^\d+ [?ZX] /);
  },
);
