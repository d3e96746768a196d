import type { CacheKey } from '../../../src/key/cache-key.ts';
import { isSameVariant } from '../../../src/key/nominated-fields.ts';
import type { Claim, Claims } from '../../../src/store/claims.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import type { Order } from '../../../src/store/orders.ts';
import type { Shelved, Store, StoreWriter } from '../../../src/store/store.ts';
import { adapted } from './adapted-store.ts';

/** A shelf that several engines share, each with memory of its own over it: what is asked of it is answered when the test says so, as it was when it was asked. */
export class SharedShelf {
  readonly #responses = new Map<CacheKey, readonly Shelved[]>();
  readonly #listeners = new Map<MemoryStore, (order: Order) => number>();
  readonly #waiting: (() => void)[] = [];
  /** Orders that were given, in their order. */
  readonly orders: Order[] = [];
  /** The generations with which it was asked. */
  readonly asked: number[] = [];
  /** Whether answers wait for `answer`; otherwise they come by themselves, later. */
  isSlow = false;
  /** When what is put there has been kept. */
  keeping: Promise<void> = Promise.resolve();

  /** The store of one instance. */
  over(memory: MemoryStore, claims?: Claims): Store {
    const read = (key: CacheKey, generation = 0): Promise<readonly Shelved[]> => {
      this.asked.push(generation);
      const found = this.#read(key, memory.peek(key), generation);
      if (!this.isSlow) return Promise.resolve(found);
      return new Promise((resolve) => this.#waiting.push(() => resolve(found)));
    };
    return adapted(memory, {
      atHand: (key, presented) => memory.lookup(key, presented),
      lookup: (key, _presented, generation) => read(key, generation),
      peek: (key, generation) => read(key, generation),
      onOrder: (listener) => void this.#listeners.set(memory, listener),
      begin: (stored, expectedLength) => {
        const writer = memory.begin(stored, expectedLength);
        return typeof writer === 'string' ? writer : this.#writing(writer);
      },
      freshen: (stored, updated) => {
        memory.freshen(stored, updated);
        this.#responses.set(
          stored.key,
          (this.#responses.get(stored.key) ?? []).map((each) =>
            isSameVariant(each.stored, stored) ? { stored: updated, content: each.content } : each,
          ),
        );
      },
      invalidate: (key) => {
        memory.invalidate(key);
        this.give({ kind: 'invalidate', key }, memory);
      },
      invalidateGroup: (group) => this.give({ kind: 'invalidate-group', group }, memory),
      purge: async (purge) => {
        this.give({ kind: 'purge', selection: purge.selection }, memory);
        return memory.purge(purge);
      },
      ...(claims === undefined ? {} : { claims }),
    });
  }

  /** Answers all that were asked. */
  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** An order of one of those who share it; of nobody here, unless said. What it is about is gone at once. */
  give(order: Order, from?: MemoryStore): void {
    this.orders.push(order);
    if (order.kind === 'invalidate') this.#responses.delete(order.key);
    else if (order.kind === 'purge') this.#responses.clear();
    for (const [memory, listener] of this.#listeners) {
      if (memory === from) continue;
      const before = listener(order);
      if (order.kind === 'purge') void memory.purge({ selection: order.selection, before });
      else if (order.kind === 'invalidate') memory.invalidate(order.key);
    }
  }

  put(shelved: Shelved): void {
    const { key } = shelved.stored;
    const others = (this.#responses.get(key) ?? []).filter(({ stored }) => !isSameVariant(stored, shelved.stored));
    this.#responses.set(key, [...others, shelved]);
  }

  #read(key: CacheKey, near: readonly Shelved[], generation: number): readonly Shelved[] {
    const far = (this.#responses.get(key) ?? []).map(({ stored, content }) => ({
      stored: { ...stored, generation },
      content,
    }));
    const isNewer = ({ stored }: Shelved): boolean =>
      !near.some((each) => isSameVariant(each.stored, stored) && each.stored.responseTime >= stored.responseTime);
    const newer = far.filter(isNewer);
    return [...near.filter(({ stored }) => !newer.some((each) => isSameVariant(each.stored, stored))), ...newer];
  }

  #writing(writer: StoreWriter): StoreWriter {
    const { content, keepsWhole } = writer;
    return {
      content,
      keepsWhole,
      get refusal() {
        return writer.refusal;
      },
      write: (chunk) => writer.write(chunk),
      commit: (stored) => {
        const kept = writer.commit(stored);
        this.put({ stored, content });
        return this.keeping.then(() => kept);
      },
      abort: () => writer.abort(),
    };
  }
}

/** Claims that one of several engines has at a time. */
export class SharedClaims implements Claims {
  readonly names: string[] = [];
  readonly #held = new Map<string, (() => void)[]>();

  claim(name: string): Claim {
    this.names.push(name);
    const waiting = this.#held.get(name);
    if (waiting !== undefined) return { kind: 'elsewhere', done: new Promise((resolve) => waiting.push(resolve)) };
    this.#held.set(name, []);
    return { kind: 'granted', release: () => this.release(name) };
  }

  get held(): number {
    return this.#held.size;
  }

  /** Ends a claim, as its holder does or as time would. */
  release(name: string): void {
    const waiting = this.#held.get(name) ?? [];
    this.#held.delete(name);
    for (const resolve of waiting) resolve();
  }
}
