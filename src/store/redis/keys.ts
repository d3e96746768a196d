import type { Place } from '../backing.ts';

/** What everything is called that a shelf has in Redis. What is read or changed together has the same hash tag, and so is on the same server of a cluster. */
export class RedisKeys {
  /** The log of orders. */
  readonly log: string;
  /** Who is alive. */
  readonly instances: string;
  /** Where nothing ever is: by which it can be told who takes changes. */
  readonly witness: string;
  /** The same in another part of a cluster: by which it can be told what is one. */
  readonly witnessElsewhere: string;
  /** The channel for orders. */
  readonly orders: string;
  /** The channel for claims that are over. */
  readonly released: string;
  readonly #prefix: string;
  readonly #channelPrefix: string;

  /** `database` is part of the channels: these are the same in all databases of a server. */
  constructor(prefix: string, database: number) {
    this.#prefix = prefix;
    this.#channelPrefix = `${prefix}${database}:`;
    this.log = `${prefix}{orders}`;
    this.instances = `${prefix}{orders}:instances`;
    this.witness = `${prefix}{orders}:witness`;
    this.witnessElsewhere = `${prefix}{records}:witness`;
    this.orders = `${this.#channelPrefix}orders`;
    this.released = `${this.#channelPrefix}released`;
  }

  /** Where the records of a row are. */
  row(row: string): string {
    return `${this.#prefix}{${row}}`;
  }

  /** The pattern of all such keys, for SCAN. */
  get rows(): string {
    return this.row('?'.repeat(32));
  }

  /** The row whose key this is; undefined where it is none of ours. */
  rowOf(key: string): string | undefined {
    const row = key.slice(this.#prefix.length + 1, -1);
    return /^[0-9a-f]{32}$/.test(row) && key === this.row(row) ? row : undefined;
  }

  /** Where a piece of the content is that was given that name. */
  piece({ row }: Pick<Place, 'row'>, content: string, index: number): string {
    return `${this.row(row)}:${content}:${index}`;
  }

  claim(digest: string): string {
    return `${this.#prefix}claim:{${digest}}`;
  }

  /** The channel for one instance: its own signs of life, and who has heard its orders. */
  instance(name: string): string {
    return `${this.#channelPrefix}instance:${name}`;
  }
}
