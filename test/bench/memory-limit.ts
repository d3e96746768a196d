import type { RunningServer } from '../peers/peer-process.ts';
import { peakMemory, processTree, promisedMemory } from '../process-figures.ts';
import type { Contestant } from './contestants.ts';
import { fill } from './filling.ts';
import { readSlowly, type SlowReaders } from './slow-readers.ts';
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
      await fill(server, origin, {
        prefix: '/pressure/',
        objects: quick ? 1_000 : 400_000,
        seconds: quick ? 1 : 5,
      });
    },
  },
  {
    what: 'never the same URL twice, 1 MiB each',
    run: async (server, { origin, quick }) => {
      await fill(server, origin, {
        prefix: '/1m/',
        objects: quick ? 100 : 4_000,
        seconds: quick ? 1 : 5,
      });
    },
  },
  {
    what: `${readers} slow readers, each of another 10 MiB`,
    // So slowly that the content itself would take long: each gets some of it.
    run: (server, stage) =>
      readSlowly(server.url, {
        ...slowly(stage),
        targets: (index) => [`/10m/${index}`],
        wantedBytes: 1,
      }),
  },
  {
    what: `${readers} slow readers of hits of 1 MiB`,
    run: async (server, stage) => {
      const targets = numbered('/1m/', 16);
      await store(server, targets);
      const one = (index: number): readonly string[] => targets.slice(index % targets.length).slice(0, 1);
      await readSlowly(server.url, {
        ...slowly(stage),
        targets: one,
        wantedBytes: 2 ** 20,
      });
    },
  },
  {
    what: `${readers} clients that ask for 1000 hits of 1 KiB at once, and read nothing`,
    run: async (server, stage) => {
      const targets = numbered('/small/', 1_000);
      await store(server, targets);
      // Something must have come for each of them.
      await readSlowly(server.url, {
        ...slowly(stage),
        targets: () => targets,
        wantedBytes: 1,
        lateReaders: true,
      });
    },
  },
];

function slowly({ quick }: Stage): Pick<SlowReaders, 'count' | 'seconds' | 'lateReaders'> {
  return {
    count: quick ? 20 : readers,
    seconds: quick ? 1 : 15,
    lateReaders: false,
  };
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => prefix + String(number));
}

/** Asks for each of them once. Rejects where an answer is an error. */
async function store(server: RunningServer, targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    const response = await fetch(server.url + target);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${target}: ${response.status}`);
  }
}

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
