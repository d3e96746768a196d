import { setTimeout as pause } from 'node:timers/promises';
import { slotOf } from '../../src/store/redis/slots.ts';
import { type RedisProcess, startCluster } from './redis-server.ts';

const patienceMs = 30_000;
const betweenLooksMs = 50;

/** A cluster of three servers in charge, each with a replica that is ready to take its place. */
export class RedisCluster {
  readonly #servers: readonly RedisProcess[];

  private constructor(servers: readonly RedisProcess[]) {
    this.#servers = servers;
  }

  static async start(): Promise<RedisCluster> {
    const cluster = new RedisCluster(await startCluster(3, 1));
    await cluster.follow();
    return cluster;
  }

  get url(): string {
    return `redis+cluster://${this.#servers.map(({ port }) => `127.0.0.1:${port}`).join()}`;
  }

  /** Of those that run, the one in charge of a key; undefined while there is none. */
  async inCharge(key: string): Promise<RedisProcess | undefined> {
    for (const server of this.#servers) if (server.runs && (await isInCharge(server, slotOf(key)))) return server;
    return undefined;
  }

  /** The replica of that server takes its place, with its leave. */
  async handOver({ port }: RedisProcess): Promise<void> {
    for (const server of this.#servers) {
      const told = server.runs ? await server.tell('info', 'replication') : '';
      if (told.includes('role:slave') && told.includes(`master_port:${port}`)) await server.tell('cluster', 'failover');
    }
  }

  /** Resolves when all run, and each one in charge has a replica that has everything. */
  async follow(): Promise<void> {
    for (const server of this.#servers) if (!server.runs) await server.start();
    await this.#comes('a cluster where nothing is missing', async () => {
      const told = await Promise.all(
        this.#servers.map(async (server) => [
          await server.tell('cluster', 'info'),
          await server.tell('info', 'replication'),
        ]),
      );
      return told.every(
        ([info = '', replication = '']) =>
          info.includes('cluster_state:ok') && /master_link_status:up|connected_slaves:1/.test(replication),
      );
    });
  }

  /** Resolves when another one than that is in charge of a key, and all that run know. */
  async takenOver(key: string, from: RedisProcess): Promise<void> {
    await this.#comes('another one in charge', async () => {
      const now = await this.inCharge(key);
      if (now === undefined || now === from) return false;
      const told = await Promise.all(
        this.#servers.filter(({ runs }) => runs).map((each) => each.tell('cluster', 'info')),
      );
      return told.every((info) => info.includes('cluster_state:ok'));
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #comes(what: string, hasCome: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + patienceMs;
    while (!(await hasCome())) {
      if (performance.now() > until) throw new Error(`${what} does not come to be`);
      await pause(betweenLooksMs);
    }
  }
}

/** Whether that server says of itself that it is in charge of a slot. */
export async function isInCharge(server: RedisProcess, slot: number): Promise<boolean> {
  const lines = (await server.tell('cluster', 'nodes')).split('\n');
  return lines.some((line) => {
    const [, , flags = '', , , , , , ...ranges] = line.split(' ');
    return flags.includes('myself') && flags.includes('master') && ranges.some((range) => isIn(range, slot));
  });
}

function isIn(range: string, slot: number): boolean {
  const [first, last = first] = range.split('-').map(Number);
  return first !== undefined && last !== undefined && first <= slot && slot <= last;
}
