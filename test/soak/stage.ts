import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processTree } from '../process-figures.ts';
import { launchEtagere, type LaunchedEtagere } from '../real/etagere-launch.ts';
import { RedisCluster } from '../redis/redis-cluster.ts';
import { RedisPair } from '../redis/redis-pair.ts';
import type { Book } from './book.ts';
import { SoakOrigin } from './soak-origin.ts';

/** How Etagere runs in a soak: alone in memory; two workers over a disk; two instances over a Redis. */
export const shapes = ['memory', 'disk', 'redis'] as const;
/** The last is two instances over a cluster. */
export type Shape = (typeof shapes)[number] | 'cluster';

/** A running Etagere, until another one takes its place. */
export class Instance {
  readonly etagere: LaunchedEtagere;
  readonly admin: string;
  readonly port: number;
  /** Whether it is on purpose that it ends. */
  mayEnd = false;

  private constructor(etagere: LaunchedEtagere, admin: string) {
    this.etagere = etagere;
    this.admin = admin;
    this.port = Number(new URL(etagere.url).port);
  }

  static async start(origin: string, flags: readonly string[]): Promise<Instance> {
    const etagere = await launchEtagere(origin, ['--admin', '0', '--log', 'off', ...flags]);
    const [, admin = ''] = await etagere.said(/^etagere admin on (\S+)$/);
    return new Instance(etagere, admin);
  }
}

/** What the soak runs on, and what its faults are done to. */
export interface Stage {
  readonly shape: Shape;
  readonly origin: SoakOrigin;
  /** Those that clients ask. */
  readonly instances: Instance[];
  /** All that have run. */
  readonly launched: Instance[];
  /** Read by each of them. */
  readonly configFile: string;
  readonly redis: RedisPair | undefined;
  readonly cluster: RedisCluster | undefined;
  /** A file system in memory that the shelf is on; undefined: it is on no disk, or on one that others have as well. */
  readonly smallDisk: string | undefined;
  /** One more instance, which clients ask from then on. */
  readonly join: () => Promise<void>;
  /** All of its processes. */
  readonly pids: () => readonly number[];
  /** Ends all of it. What did not end well is told. */
  readonly close: () => Promise<readonly string[]>;
}

/** The file as it is when nothing is wrong with it. */
export function writeConfiguration(file: string, version: string): void {
  writeFileSync(file, `headers: { response: { set: { x-version: '${version}' } } }\n`);
}

/** Memory that is full within the first minutes, so that what rises after that is no shelf that fills. However busy this machine is: to be late is no fault of what is held here. */
const commonFlags = [
  '--memory=16mb',
  '--head-timeout=15s',
  '--body-timeout=15s',
  '--drain-timeout=10s',
  '--overload-delay=0s',
];

/** Starts all that it takes. @param moreFlags of each Etagere */
export async function stageOf(shape: Shape, book: Book, moreFlags: readonly string[] = []): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-soak-'));
  const configFile = join(folder, 'etagere.yaml');
  writeConfiguration(configFile, 'first');
  const disk = shape === 'disk' ? join(folder, 'disk') : undefined;
  const smallDisk = disk === undefined ? undefined : mounted(disk);
  const redis = shape === 'redis' ? await RedisPair.start() : undefined;
  const cluster = shape === 'cluster' ? await RedisCluster.start() : undefined;
  const shared = redis ?? cluster;
  const origin = new SoakOrigin(book);
  await origin.up();
  const flags = ['--config', configFile, ...commonFlags, ...shapeFlags(disk, shared?.url), ...moreFlags];
  const instances: Instance[] = [];
  const launched: Instance[] = [];
  const begin = async (): Promise<void> => {
    const instance = await Instance.start(origin.url, flags);
    launched.push(instance);
    instances.push(instance);
  };
  await begin();
  if (shared !== undefined) await begin();
  return {
    shape,
    origin,
    instances,
    launched,
    configFile,
    redis,
    cluster,
    smallDisk,
    join: begin,
    pids: () => instances.flatMap(({ etagere }) => processTree(etagere.pid)),
    close: async () => {
      const failures = await Promise.all(instances.map(ended));
      await origin.down();
      await shared?.stop();
      if (smallDisk !== undefined) unmount(smallDisk);
      rmSync(folder, { recursive: true, force: true });
      return failures.flat();
    },
  };
}

function shapeFlags(disk: string | undefined, store: string | undefined): readonly string[] {
  if (store !== undefined) return ['--store', store];
  return disk === undefined ? [] : ['--store', `disk:${join(disk, 'shelf')}`, '--disk', '100mb', '--workers', '2'];
}

async function ended(instance: Instance): Promise<readonly string[]> {
  instance.mayEnd = true;
  try {
    await instance.etagere.stop();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

const diskMebibytes = 160;
const mountedAt = new Set<string>();

/** Of a size that can be filled up; undefined where only the one who may mount could have it. */
function mounted(folder: string): string | undefined {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMebibytes}m`, 'none', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mountedAt.add(folder);
  return folder;
}

function unmount(folder: string): void {
  if (!mountedAt.delete(folder)) return;
  execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
}

// Whatever ends this program, nothing of it stays behind.
process.once('exit', () => {
  for (const folder of mountedAt) unmount(folder);
});
