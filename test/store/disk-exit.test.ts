import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLmdb } from '../../src/store/disk/environment.ts';
import { newDirectory } from './disk-ground.ts';

const environmentModule = fileURLToPath(new URL('../../src/store/disk/environment.ts', import.meta.url));

/** How a process ends that runs that, and what it has said. */
function endOf(program: string): Promise<{ readonly signal: NodeJS.Signals | null; readonly said: string }> {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  return new Promise((resolve) => {
    // It would never end by itself.
    const child = execFile(process.execPath, args, { timeout: 60_000, killSignal: 'SIGTERM' }, (_, stdout, stderr) =>
      resolve({ signal: child.signalCode, said: stdout + stderr }),
    );
  });
}

test('a process that exits in the middle of a transaction ends, keeps nothing of it, and leaves the database to the next', async () => {
  const directory = await newDirectory();
  const program = `
    import { openLmdb } from ${JSON.stringify(environmentModule)};
    const environment = await openLmdb(${JSON.stringify(directory)}, 2 ** 24);
    await environment.transaction(() => environment.facts.put(Buffer.from('kept'), Buffer.from('1')));
    await environment.transaction(() => {
      environment.facts.put(Buffer.from('not kept'), Buffer.from('1'));
      process.exit(0);
    });`;
  expect(await endOf(program)).toEqual({ signal: 'SIGKILL', said: '' });
  const environment = await openLmdb(directory, 2 ** 24);
  await environment.transaction(() => environment.facts.put(Buffer.from('next'), Buffer.from('1')));
  expect(['kept', 'not kept', 'next'].map((key) => environment.facts.has(Buffer.from(key)))).toEqual([
    true,
    false,
    true,
  ]);
  await environment.close();
});

test('a process that opens a database anew while it writes to it does not stand still', async () => {
  const directory = await newDirectory();
  const program = `
    import { setImmediate as turn } from 'node:timers/promises';
    import { openLmdb } from ${JSON.stringify(environmentModule)};
    const open = () => openLmdb(${JSON.stringify(directory)}, 2 ** 24);
    const first = await open();
    for (let times = 0; times < 10; times++) {
      let isOpen = false;
      const opening = open().finally(() => {
        isOpen = true;
      });
      while (!isOpen) {
        await first.transaction(() => {});
        await turn();
      }
      await (await opening).close();
    }
    await first.close();
    console.log('ended');`;
  expect(await endOf(program)).toEqual({ signal: null, said: 'ended\n' });
});

test('a database is not read any more once it is being closed', async () => {
  const environment = await openLmdb(await newDirectory(), 2 ** 24);
  await environment.transaction(() => environment.facts.put(Buffer.from('kept'), Buffer.from('1')));
  expect(environment.facts.has(Buffer.from('kept'))).toBe(true);
  const closing = environment.close();
  const reads = [
    () => environment.facts.get(Buffer.from('kept')),
    () => environment.facts.range({ from: Buffer.from('a'), to: Buffer.from('z') }),
    () => environment.usedBytes(),
  ];
  for (const read of reads) expect(read).toThrow('the database is closed');
  await closing;
});
