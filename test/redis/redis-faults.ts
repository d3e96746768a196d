import type { RedisCluster } from './redis-cluster.ts';
import type { RedisPair } from './redis-pair.ts';
import type { RedisProcess } from './redis-server.ts';

/** What is said when something begins, and when it is over. */
interface Saying {
  readonly begun: string;
  readonly over: string;
}

/** It is not asked meanwhile. */
export const leftAlone: Saying = { begun: 'is not used for now', over: 'is in use again' };
/** It is asked, and nothing is put there. */
const notFilled: Saying = { begun: 'records are not taken', over: 'records are taken again' };

/** What may be wrong with a Redis. */
export interface RedisFault<On = RedisPair> {
  readonly what: string;
  /** What everybody says of it who uses that Redis; undefined: nothing. */
  readonly said: Saying | undefined;
  /** Resolves when it has begun. There is a replica that has everything. */
  readonly begin: (redis: On) => unknown;
  /** Resolves when Redis can be used again. */
  readonly end: (redis: On) => unknown;
}

/** How late its answers are where it is slow, in ms: far beyond all that they are waited for. */
const lateMs = 5_000;

/** What a Redis recovers from by itself, as it was or empty. */
export const troubles: readonly RedisFault[] = [
  {
    what: 'killed, and an empty one in its place',
    said: leftAlone,
    begin: ({ inCharge }) => inCharge.kill(),
    end: ({ inCharge }) => inCharge.start(),
  },
  {
    what: 'frozen (SIGSTOP)',
    said: leftAlone,
    begin: ({ inCharge }) => inCharge.signal('SIGSTOP'),
    end: ({ inCharge }) => inCharge.signal('SIGCONT'),
  },
  {
    what: `${lateMs / 1_000} s late with each answer`,
    said: leftAlone,
    begin: ({ strait }) => {
      strait.lateMs = lateMs;
    },
    end: ({ strait }) => {
      strait.lateMs = 0;
    },
  },
  {
    what: 'full (maxmemory, noeviction)',
    said: notFilled,
    begin: ({ inCharge }) => inCharge.tell('config', 'set', 'maxmemory', '1'),
    end: ({ inCharge }) => inCharge.tell('config', 'set', 'maxmemory', '0'),
  },
];

/** What another one recovers from in its place. */
export const failovers: readonly RedisFault[] = [
  {
    what: 'killed, and its replica in its place',
    said: leftAlone,
    begin: ({ inCharge }) => inCharge.kill(),
    end: (pair) => pair.takeOver(),
  },
  {
    what: 'made a replica, and its replica in its place',
    said: leftAlone,
    begin: (pair) => pair.stepDown(),
    end: (pair) => pair.takeOver(),
  },
];

/** What all signs of life are written to, under the prefix that is used unless another one is named. */
const orders = 'etagere:{orders}';

/** What may become of the server of a cluster that has the orders. */
export function clusterFaults(): readonly RedisFault<RedisCluster>[] {
  let before: RedisProcess | undefined;
  const inCharge = async (cluster: RedisCluster): Promise<RedisProcess> => {
    before = await cluster.inCharge(orders);
    if (before === undefined) throw new Error('nobody is in charge of the orders');
    return before;
  };
  const end = async (cluster: RedisCluster): Promise<void> => {
    if (before !== undefined) await cluster.takenOver(orders, before);
  };
  return [
    {
      what: 'of a cluster, killed, and taken over by its replica',
      said: leftAlone,
      begin: async (cluster) => (await inCharge(cluster)).kill(),
      end,
    },
    {
      what: 'of a cluster, handed over to its replica',
      said: undefined,
      begin: async (cluster) => cluster.handOver(await inCharge(cluster)),
      end,
    },
  ];
}
