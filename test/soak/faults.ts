import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDescriptors } from '../process-figures.ts';
import { failovers, type RedisFault, troubles } from '../redis/redis-faults.ts';
import { workersOf } from '../real/workers-stage.ts';
import { badBytes } from './bad-bytes.ts';
import { comes, saidSince } from './patience.ts';
import { type Instance, type Stage, writeConfiguration } from './stage.ts';

/** What goes wrong for a while. What has to come of it is held at its end, which rejects where it does not. */
export interface Fault {
  readonly name: string;
  /** Whether clients may have errors of it. Wrong content they may not have in any case. */
  readonly isNoticed: boolean;
  readonly isPossible: (stage: Stage) => boolean;
  /** Resolves when it has begun, with what ends it. */
  readonly begin: (stage: Stage) => Promise<() => unknown> | (() => unknown);
}

const everywhere = (): boolean => true;
const withWorkers = ({ shape }: Stage): boolean => shape === 'disk';
const withRedis = ({ redis }: Stage): boolean => redis !== undefined;

/** The first of them: faults take what comes first, as the order of faults is drawn already. */
function first(stage: Stage): Instance {
  const [instance] = stage.instances;
  if (instance === undefined) throw new Error('something runs');
  return instance;
}

/** The process that is to suffer: a worker where there are some. */
function victimOf(stage: Stage): number {
  const { pid } = first(stage).etagere;
  return stage.shape === 'disk' ? (workersOf(pid)[0] ?? pid) : pid;
}

function originFault(name: string, mood: 'silent' | 'truncating' | 'malformed'): Fault {
  return {
    name,
    isNoticed: true,
    isPossible: everywhere,
    begin: ({ origin }) => {
      origin.mood = mood;
      return () => {
        origin.mood = 'well';
        origin.closeConnections();
      };
    },
  };
}

const originDown: Fault = {
  name: 'the origin is down',
  isNoticed: true,
  isPossible: everywhere,
  begin: async ({ origin }) => {
    await origin.down();
    return () => origin.up();
  },
};

const workerKilled: Fault = {
  name: 'a worker is killed',
  isNoticed: true,
  isPossible: withWorkers,
  begin: (stage) => {
    const { etagere } = first(stage);
    const since = etagere.lines.length;
    process.kill(victimOf(stage), 'SIGKILL');
    return async () => {
      await saidSince(etagere, since, /ended by SIGKILL; another begins/);
      await comes('two workers', () => workersOf(etagere.pid).length === 2);
    };
  },
};

const instanceKilled: Fault = {
  name: 'an instance is killed, and another begins',
  isNoticed: true,
  isPossible: withRedis,
  begin: async (stage) => {
    const instance = first(stage);
    instance.mayEnd = true;
    stage.instances.shift();
    process.kill(instance.etagere.pid, 'SIGKILL');
    await instance.etagere.ended;
    return () => stage.join();
  },
};

const processHalted: Fault = {
  name: 'a process is halted',
  isNoticed: false,
  isPossible: everywhere,
  begin: (stage) => {
    const pid = victimOf(stage);
    process.kill(pid, 'SIGSTOP');
    return () => process.kill(pid, 'SIGCONT');
  },
};

function reload(name: string, version: string | undefined, told: RegExp): Fault {
  return {
    name,
    isNoticed: false,
    isPossible: everywhere,
    begin: (stage) => {
      if (version === undefined) writeFileSync(stage.configFile, 'origins: { this is: [no configuration\n');
      else writeConfiguration(stage.configFile, version);
      const asked = stage.instances.map(({ etagere }) => ({ etagere, since: etagere.lines.length }));
      for (const { etagere } of asked) process.kill(etagere.pid, 'SIGHUP');
      return async () => {
        for (const { etagere, since } of asked) await saidSince(etagere, since, told);
        writeConfiguration(stage.configFile, 'first');
      };
    },
  };
}

const workersRestarted: Fault = {
  name: 'the workers are restarted',
  isNoticed: false,
  isPossible: withWorkers,
  begin: (stage) => {
    const { etagere } = first(stage);
    const [since, before] = [etagere.lines.length, workersOf(etagere.pid)];
    process.kill(etagere.pid, 'SIGUSR2');
    return async () => {
      await saidSince(etagere, since, /the workers have been restarted/);
      await comes('other workers', () => workersOf(etagere.pid).every((pid) => !before.includes(pid)));
    };
  },
};

/** What may be wrong with the Redis is nothing that a client notices. */
function ofRedis({ what, begin, end }: RedisFault): Fault {
  return {
    name: `Redis is ${what}`,
    isNoticed: false,
    isPossible: withRedis,
    begin: async ({ redis }) => {
      if (redis === undefined) throw new Error('there is a Redis');
      await redis.follow();
      await begin(redis);
      return () => end(redis);
    },
  };
}

const redisFlushed: Fault = {
  name: 'Redis is flushed',
  isNoticed: false,
  isPossible: withRedis,
  begin: ({ redis }) => {
    redis?.inCharge.ask('flushall');
    return () => undefined;
  },
};

/** What is left of the file system, in bytes. */
const leftBytes = 2 * 2 ** 20;

const diskFull: Fault = {
  name: 'the disk is nearly full',
  isNoticed: false,
  isPossible: ({ smallDisk }) => smallDisk !== undefined,
  begin: ({ smallDisk = '' }) => {
    const { bavail, bsize } = statfsSync(smallDisk);
    const filler = join(smallDisk, 'filler');
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
    return () => rmSync(filler);
  },
};

const prlimit = '/usr/bin/prlimit';
/** More descriptors than are open when it begins. */
const spareDescriptors = 4;

const fewDescriptors: Fault = {
  name: 'there are few descriptors',
  isNoticed: true,
  isPossible: () => existsSync(prlimit),
  begin: (stage) => {
    const pid = victimOf(stage);
    const ask = (...args: readonly string[]): string =>
      execFileSync(prlimit, ['--pid', String(pid), ...args], { encoding: 'utf8' }).trim();
    const before = ask('--nofile', '--output', 'SOFT', '--noheadings');
    ask(`--nofile=${openDescriptors([pid]) + spareDescriptors}:`);
    return () => ask(`--nofile=${before}:`);
  },
};

const clientFlood: Fault = {
  name: 'clients send bad bytes',
  isNoticed: false,
  isPossible: everywhere,
  begin: ({ instances }) => badBytes(instances.map(({ port }) => port)),
};

/** All that there are. */
export const faults: readonly Fault[] = [
  originDown,
  originFault('the origin is frozen', 'silent'),
  originFault('the origin cuts its responses off', 'truncating'),
  originFault('the origin sends what is no response', 'malformed'),
  workerKilled,
  instanceKilled,
  processHalted,
  reload('another configuration', 'second', /the configuration was read anew/),
  reload('a configuration that is none', undefined, /nothing was changed/),
  workersRestarted,
  ...[...troubles, ...failovers].map(ofRedis),
  redisFlushed,
  diskFull,
  fewDescriptors,
  clientFlood,
];
