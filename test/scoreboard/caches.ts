import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Peer, versionOf } from '../peers/peer.ts';
import { type RunningServer, startPeer } from '../peers/peer-process.ts';
import { startEtagere } from '../real/etagere-process.ts';

/** A cache that can be put before an origin on this machine. */
export interface Cache {
  /** Etagere itself, or one of the others. */
  readonly own: boolean;
  readonly name: string;
  readonly version: string;
  /** How it is configured, in a few words or as a path from the root of the repository. */
  readonly configuration: string;
  /** Starts it with nothing stored. */
  start(originPort: number): Promise<Pick<RunningServer, 'url' | 'stop'>>;
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
    configuration: `[${basename(peer.templates)}](../test/${peer.templates})`,
    start: (originPort) => startPeer(peer, originPort),
  };
}
