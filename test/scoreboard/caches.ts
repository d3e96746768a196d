import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startEtagere } from '../real/etagere-process.ts';
import { type RunningCache, startPeer } from './peer-process.ts';
import type { Peer } from './peers.ts';

/** A cache that can be put before an origin on this machine. */
export interface Cache {
  /** Etagere itself, or one of the others. */
  readonly own: boolean;
  readonly name: string;
  readonly version: string;
  /** How it is configured, in a few words or as a path from the root of the repository. */
  readonly configuration: string;
  /** Starts it with nothing stored. */
  start(originPort: number): Promise<RunningCache>;
}

const presets = ['rfc', 'safe'] as const;

/** Etagere as it was built, with each of its presets. */
export function etagereCaches(): readonly Cache[] {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const version = String((manifest as { version?: unknown }).version);
  return presets.map((preset) => ({
    own: true,
    name: `Etagere, ${preset}`,
    version,
    configuration: `\`--preset ${preset}\`${preset === 'safe' ? ', the default' : ''}`,
    start: (originPort) => startEtagere(`http://127.0.0.1:${originPort}`, ['--preset', preset]),
  }));
}

/** A peer with the version that is installed. */
export function peerCache(peer: Peer): Cache {
  return {
    own: false,
    name: peer.name,
    version: versionOf(peer),
    configuration: `[${peer.templates}](../test/scoreboard/peers/${peer.templates})`,
    start: (originPort) => startPeer(peer, originPort),
  };
}

/** Each of them prints one sentence or more, with its version in the first line. */
function versionOf({ program, versionArgs }: Peer): string {
  const { stdout, stderr } = spawnSync(program, versionArgs, { encoding: 'utf8' });
  return /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown';
}
