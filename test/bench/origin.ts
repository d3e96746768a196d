import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../peers/peer.ts';
import { type RunningServer, startPeer } from '../peers/peer-process.ts';
import { nginx } from '../peers/programs.ts';

/** What all servers stand before. */
export interface Origin {
  readonly port: number;
  /** How many requests it has received so far. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

const kibibyte = 1_024;

/** Content that does not fit into its configuration. */
const files = { '100k': 100 * kibibyte, '1m': kibibyte ** 2, '10m': 10 * kibibyte ** 2 };

/** Starts it, with its content in a folder below that one. */
export async function startOrigin(below: string): Promise<Origin> {
  const content = mkdtempSync(join(below, 'etagere-content-'));
  chmodSync(content, 0o755);
  for (const [name, size] of Object.entries(files)) writeFileSync(join(content, name), 'x'.repeat(size));
  const remove = (): void => rmSync(content, { recursive: true, force: true });
  process.once('exit', remove);
  const server = await startPeer(originPeer(content), 0, { below });
  let own = 0;
  return {
    port: Number(new URL(server.url).port),
    requests: async () => {
      own += 1;
      return (await countOf(server)) - own;
    },
    stop: async () => {
      await server.stop();
      process.off('exit', remove);
      remove();
    },
  };
}

function originPeer(content: string): Peer {
  return {
    name: 'the origin',
    ...nginx('origin.conf'),
    templates: 'bench/peers/origin.conf',
    folders: [],
    values: () => ({ content }),
  };
}

/** Its own count, the one that is asked with included. */
async function countOf({ url }: RunningServer): Promise<number> {
  const text = await (await fetch(`${url}/requests`)).text();
  const count = /^\s*\d+ \d+ (\d+)\s*$/m.exec(text)?.[1];
  if (count === undefined) throw new Error(`the origin does not count its requests: ${text}`);
  return Number(count);
}
