import { closeSync, openSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Peer, versionOf } from '../peers/peer.ts';
import { type RunningServer, startPeer } from '../peers/peer-process.ts';
import { builtProgram, launchEtagere } from '../real/etagere-launch.ts';
import type { BenchOptions } from './options.ts';
import { withAccessLog } from './peers.ts';

/** What a server does beside answering. */
export type Setting = 'plain' | 'access log' | 'metrics';

/** Where a server is started. */
export interface Ground {
  readonly originPort: number;
  /** In memory, unless nothing is measured. */
  readonly folder: string;
  /** The command that runs it on its core. */
  readonly launcher: readonly string[];
  /** More for Etagere, where it is measured alone; the last one of a kind counts. */
  readonly ownFlags?: readonly string[];
}

/** A server that is measured. */
export interface Contestant {
  readonly name: string;
  readonly own: boolean;
  readonly version: string;
  /** In a few words or as a path from `docs/`, in Markdown. */
  readonly configuration: string;
  readonly settings: readonly Setting[];
  /** Starts it with nothing stored. */
  start(ground: Ground, setting: Setting): Promise<RunningServer>;
}

/** Room for all workloads, for everyone: their templates have the same. */
const memory = ['--memory', '1gb'];

/** Etagere as it is built here, once more with each set of flags that was asked for, and as it is built elsewhere. */
export function etagereContestants({ etagereFlags, beside }: BenchOptions): readonly Contestant[] {
  const here = ['', ...etagereFlags].map((flags) => etagereContestant(`etagere ${flags}`.trim(), builtProgram, flags));
  if (beside === undefined) return here;
  return [...here, etagereContestant(`etagere in ${beside}`, join(beside, 'dist/cli/main.js'), '')];
}

function etagereContestant(name: string, program: string, flags: string): Contestant {
  const more = flags.split(' ').filter((flag) => flag !== '');
  return {
    name,
    own: true,
    version: versionOf({ program: process.execPath, versionArgs: [program, '--version'] }),
    configuration: `\`${['--log off', ...memory, ...more].join(' ')}\``,
    settings: ['plain', 'access log', 'metrics'],
    start: (ground, setting) => startEtagere(ground, program, [...memory, ...more], setting),
  };
}

async function startEtagere(
  { originPort, folder, launcher, ownFlags = [] }: Ground,
  program: string,
  given: readonly string[],
  setting: Setting,
): Promise<RunningServer> {
  const flags = [...given, ...ownFlags];
  const origin = `http://127.0.0.1:${originPort}`;
  if (setting !== 'access log') {
    const counted = setting === 'metrics' ? ['--admin', '127.0.0.1:0'] : [];
    return launchEtagere(origin, ['--log', 'off', ...counted, ...flags], { program, launcher });
  }
  const path = join(folder, `etagere-access-${process.hrtime.bigint()}.log`);
  const log = openSync(path, 'w');
  try {
    const running = await launchEtagere(origin, ['--log', 'json', ...flags], { program, launcher, stdout: log });
    return { ...running, stop: () => running.stop().finally(() => rmSync(path)) };
  } finally {
    closeSync(log);
  }
}

/** A peer with the version that is installed. */
export function peerContestant(peer: Peer): Contestant {
  const logs = peer.name === baseline;
  return {
    name: peer.name,
    own: false,
    version: versionOf(peer),
    configuration: `[${basename(peer.templates)}](../test/${peer.templates})`,
    settings: logs ? ['plain', 'access log'] : ['plain'],
    start: ({ originPort, folder, launcher }, setting) =>
      startPeer(setting === 'plain' ? peer : withAccessLog(peer), originPort, { below: folder, launcher }),
  };
}

/** Of these, the one that others are compared with. */
export const baseline = 'nginx';

/** With what others are compared: nginx counts as it is, and has nothing to turn on for that. */
export const baselineSetting: Readonly<Record<Setting, Setting>> = {
  plain: 'plain',
  'access log': 'access log',
  metrics: 'plain',
};
