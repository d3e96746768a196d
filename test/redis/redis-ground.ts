import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { openRedis, type RedisBacking } from '../../src/store/redis/backing.ts';
import type { RedisLimits } from '../../src/store/redis/limits.ts';
import type { Ground } from '../store/ground.ts';

/** What is open of one shelf in Redis, under a prefix of its own. */
export class RedisGround {
  readonly url: string;
  /** What all names there begin with. */
  readonly prefix = `${randomBytes(4).toString('hex')}:`;
  /** What the instances have said of it. */
  readonly said: string[] = [];
  readonly #limits: Partial<RedisLimits>;
  readonly #open: RedisBacking[] = [];
  readonly #saying = new EventEmitter();

  /** `url` as far as the prefix, with its `?`. Tests share processors with others: what is slow there is no trouble here. */
  constructor(url: string, limits: Partial<RedisLimits> = {}) {
    this.url = `${url}?prefix=${this.prefix}`;
    this.#limits = { lookupMs: 5_000, workMs: 10_000, connectMs: 10_000, silentMs: 10_000, heardMs: 10_000, ...limits };
  }

  /** One more instance. */
  async join(instance = `instance ${this.#open.length}`, limits: Partial<RedisLimits> = {}): Promise<RedisBacking> {
    const backing = await openRedis({
      url: this.url,
      instance,
      say: (line) => {
        this.said.push(line);
        this.#saying.emit('line');
      },
      limits: { ...this.#limits, ...limits },
    });
    this.#open.push(backing);
    return backing;
  }

  /** Resolves when a line with these words was said, since so many others. */
  async says(words: string, after = 0): Promise<void> {
    while (!this.said.slice(after).some((line) => line.includes(words))) await once(this.#saying, 'line');
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((backing) => backing.close()));
  }
}

/** The same as any ground for the contract of a backing. */
export async function groundAt(url: string): Promise<Ground> {
  const ground = new RedisGround(url);
  return { backing: await ground.join(), another: () => ground.join(), close: () => ground.close() };
}
