import { expect, it } from 'vitest';
import { clusterFork } from '../../../src/workers/cluster-processes.ts';

it('a worker that the system does not let begin is one that has ended, by the reason for it', async () => {
  // More than one variable may have on any system.
  const fork = clusterFork({ lines: () => {}, variables: { LONG: 'x'.repeat(4 * 2 ** 20) } });
  const worker = fork();
  const ended = new Promise<string>((resolve) => worker.onEnd(resolve));
  await worker.channel.send({ kind: 'stop' });
  worker.kill();
  expect(await ended).toMatch(/^by E[A-Z0-9]+$/);
});
