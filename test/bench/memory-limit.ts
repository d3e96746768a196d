import type { RunningServer } from '../peers/peer-process.ts';
import { peakMemory, processTree, promisedMemory } from '../process-figures.ts';
import type { Contestant } from './contestants.ts';
import { fill } from './filling.ts';
import { readSlowly } from './slow-readers.ts';
import type { Stage } from './stage.ts';

/** `--memory` here, in MiB. */
export const limitMebibytes = 256;

/** The most memory that the process may take, in bytes. */
export const promisedBytes = promisedMemory(limitMebibytes);

/** Something that asks for more than there is room for. */
export interface Pressure {
  readonly what: string;
  run(server: RunningServer, stage: Stage): Promise<void>;
}

const readers = 500;

export const pressures: readonly Pressure[] = [
  {
    what: 'never the same URL twice, 1 KiB each',
    run: async (server, { origin, quick }) => {
      await fill(server, origin, { prefix: '/pressure/', objects: quick ? 1_000 : 400_000, seconds: quick ? 1 : 5 });
    },
  },
  {
    what: 'never the same URL twice, 1 MiB each',
    run: async (server, { origin, quick }) => {
      await fill(server, origin, { prefix: '/1m/', objects: quick ? 100 : 4_000, seconds: quick ? 1 : 5 });
    },
  },
  {
    what: `${readers} slow readers, each of another 10 MiB`,
    run: (server, { quick }) =>
      readSlowly(server.url, { prefix: '/10m/', count: quick ? 20 : readers, seconds: quick ? 1 : 15 }),
  },
];

/** Largest resident memory of the process, in bytes, after one of these. */
export async function peakUnder(pressure: Pressure, contestant: Contestant, stage: Stage): Promise<number> {
  // Each slow reader may keep a connection to the origin waiting.
  const ownFlags = ['--memory', `${limitMebibytes}mb`, '--origin-connections', String(2 * readers)];
  const server = await contestant.start({ ...stage.ground, ownFlags }, 'plain');
  try {
    await pressure.run(server, stage);
    return peakMemory(processTree(server.pid));
  } finally {
    await server.stop();
  }
}
