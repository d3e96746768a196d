import { spawnSync } from 'node:child_process';

/** Another program, beside which Etagere is measured: where it comes from, and how it is started. */
export interface Peer {
  readonly name: string;
  /** Of Debian. */
  readonly debianPackage: string;
  /** Path of the program. */
  readonly program: string;
  readonly versionArgs: readonly string[];
  /** Path below `test/`: a template, or a folder of them. They are filled in and put into the folder in which the peer runs. */
  readonly templates: string;
  /** Made in that folder before the start. */
  readonly folders: readonly string[];
  /** To run in the foreground. */
  args(place: PeerPlace): readonly string[];
  variables?(place: PeerPlace): Readonly<Record<string, string>>;
  /** What stands in its templates beside folder, port and originPort. */
  values?(place: PeerPlace): Readonly<Record<string, string>>;
}

/** Where a peer runs: its own temporary folder and its port on the loopback address. */
export interface PeerPlace {
  readonly folder: string;
  readonly port: number;
}

/** Each of them prints one sentence or more, with its version in the first line. */
export function versionOf({ program, versionArgs }: Pick<Peer, 'program' | 'versionArgs'>): string {
  const { stdout, stderr } = spawnSync(program, versionArgs, { encoding: 'utf8' });
  return /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown';
}
