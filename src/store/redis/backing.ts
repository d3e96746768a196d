import {
  type Backing,
  type BackingPage,
  type BackingStats,
  type Draft,
  type Found,
  type Lying,
  type Place,
  pieceBytes,
} from '../backing.ts';
import { type RedisAddress, redisAddressOf } from './address.ts';
import { RedisClaims } from './claims.ts';
import { type Argument, argumentOf } from './connection.ts';
import { Cluster } from './cluster.ts';
import { Condition } from './condition.ts';
import { keptFor, letGoOf, RedisDraft } from './draft.ts';
import { RedisKeys } from './keys.ts';
import { defaultRedisLimits, type RedisLimits } from './limits.ts';
import { OneServer } from './one-server.ts';
import { RedisOrderLog } from './order-log.ts';
import { removeRecord, replaceHead } from './row-scripts.ts';
import { type Reading, readRecords, type ReadRow, type RowParts } from './rows.ts';
import { scanRows } from './scanning.ts';
import type { ServerEvents } from './server.ts';
import { run, type Servers } from './servers.ts';
import { Subscription } from './subscription.ts';
import { Waiting } from '../waiting.ts';

export interface RedisOptions {
  /** As `redisAddressOf` reads it. */
  readonly url: string;
  /** The name of this instance among those that share the shelf. */
  readonly instance: string;
  /** Hears one line for each change of how Redis is. */
  readonly say: (line: string) => void;
  readonly limits?: Partial<RedisLimits>;
}

/**
 * Opens a shelf in Redis. Resolves when it was tried once to get there, however that went: what is down is used as soon as it is up.
 * @throws NoRedisUrl where the URL says nothing that can be used.
 */
export async function openRedis({ url, instance, say, limits }: RedisOptions): Promise<RedisBacking> {
  const address = redisAddressOf(url);
  const backing = new RedisBacking(address, { instance, say, limits: { ...defaultRedisLimits, ...limits } });
  await backing.open();
  return backing;
}

interface BackingParts extends Pick<RedisOptions, 'instance' | 'say'> {
  readonly limits: RedisLimits;
}

/** Records in a Redis, or a Valkey, alone or as a cluster. Others use the same one: what they do is known here by the log of orders, and by what is read. */
export class RedisBacking implements Backing {
  /** What is of no use any more will expire, and going over everything would take time of servers that others want to use. */
  readonly isSwept = false;
  readonly log: RedisOrderLog;
  readonly claims: RedisClaims;
  readonly #parts: RowParts;
  readonly #servers: Servers;
  readonly #condition: Condition;
  readonly #subscription: Subscription;
  readonly #waiting: Waiting;
  #beat: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(address: RedisAddress, { instance, say, limits }: BackingParts) {
    const [first] = address.endpoints;
    this.#condition = new Condition({ place: address.place, secret: first.password, say });
    const events: ServerEvents = {
      up: (server) => {
        this.#condition.up(server);
        this.log.mayHaveLost();
        void this.claims.settle();
      },
      down: (server, reason) => {
        this.#condition.down(server, reason);
        this.claims.giveUp();
      },
    };
    const keys = new RedisKeys(address.prefix, first.database);
    this.#servers = address.isCluster
      ? new Cluster(address.endpoints, limits, { ...events, ...this.#condition.ofCluster }, { key: keys.witness })
      : new OneServer(first, limits, events, { key: keys.witness, elsewhere: keys.witnessElsewhere });
    this.#parts = { servers: this.#servers, keys, limits };
    this.#waiting = new Waiting(limits.maxWaitingBytes);
    this.log = new RedisOrderLog({ ...this.#parts, instance });
    this.claims = new RedisClaims({ ...this.#parts, hears: () => this.#subscription.isOpen });
    this.#subscription = new Subscription({
      endpoint: () => this.#servers.endpointOf(keys.log),
      channels: [keys.orders, keys.released, this.log.channel],
      limits,
      heard: (channel, message) =>
        channel === keys.released ? this.claims.heard(message) : this.log.heard(channel, message),
      began: () => {
        this.#condition.hears();
        this.log.rejoined();
      },
      failed: (reason) => {
        this.#condition.hearsNot(reason);
        this.claims.giveUp();
      },
    });
  }

  /** Resolves when it was tried once to get there. To be called once. */
  async open(): Promise<void> {
    await this.#servers.open();
    await this.#subscription.open();
    await this.#live();
  }

  async row(row: string, variants?: () => readonly string[]): Promise<Found> {
    const which = variants === undefined ? 'heads' : 'some';
    const { head, lying } = await this.#read({ row, which, variants: variants?.() ?? [] });
    return { orders: head, lying };
  }

  async at({ row, variant }: Place): Promise<Lying | undefined> {
    const { lying } = await this.#read({ row, which: 'only', variants: [variant] });
    return lying[0];
  }

  draft(place: Place, expectedLength: number | undefined): Draft | undefined {
    const { servers, keys, limits } = this.#parts;
    if ((expectedLength ?? 0) > limits.maxContentBytes || this.log.log === undefined) return undefined;
    if (!servers.isUp(keys.row(place.row)) || !this.#condition.takesRecords) return undefined;
    const condition = this.#condition;
    return new RedisDraft(
      {
        ...this.#parts,
        log: () => this.log.log,
        refused: (error) => condition.refused(error),
        taken: () => condition.taken(),
        waiting: this.#waiting,
      },
      place,
      expectedLength,
    );
  }

  async replace({ row, variant }: Place, before: Uint8Array, after: Uint8Array, keepMs: number): Promise<boolean> {
    const { servers, keys, limits } = this.#parts;
    const { log } = this.log;
    if (log === undefined || after.length > limits.maxHeadBytes) return false;
    const args: Argument[] = [variant, argumentOf(before), log, String(keptFor(keepMs, limits))];
    args.push(String(pieceBytes), argumentOf(after));
    return (await run(servers, replaceHead, { keys: [keys.row(row)], args }, { ms: limits.workMs })) === 1;
  }

  async remove(place: Place, before?: Uint8Array): Promise<boolean> {
    const { servers, keys, limits } = this.#parts;
    const args = before === undefined ? [place.variant] : [place.variant, argumentOf(before)];
    const there = await run(servers, removeRecord, { keys: [keys.row(place.row)], args }, { ms: limits.workMs });
    letGoOf(this.#parts, place, there);
    return Buffer.isBuffer(there) && there.length > 0;
  }

  scan(cursor: string | undefined, limit: number): Promise<BackingPage> {
    return scanRows(this.#parts, cursor, limit);
  }

  stats(): BackingStats {
    const { servers, keys } = this.#parts;
    return {
      responses: undefined,
      bytesUsed: undefined,
      bytesLimit: undefined,
      evictions: 0,
      failures: servers.failures,
      isUp: servers.isUp(keys.log),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#beat);
    this.claims.giveUp();
    await this.log.leave().catch(() => undefined);
    this.#subscription.close();
    this.#servers.close();
  }

  async #read(which: Omit<Reading, 'ms'>): Promise<ReadRow> {
    const read = await readRecords(this.#parts, { ...which, ms: this.#parts.limits.lookupMs });
    this.log.saw(read);
    return read;
  }

  /** Gives signs of life as long as it lives. */
  async #live(): Promise<void> {
    await this.log.beat().then(
      () => this.#subscription.check(),
      // That a server is gone was told of already.
      (error: Error) => this.#condition.hearsNot(error),
    );
    if (this.#isClosed) return;
    this.#beat = setTimeout(() => void this.#live(), this.#parts.limits.beatMs);
    this.#beat.unref();
  }
}
