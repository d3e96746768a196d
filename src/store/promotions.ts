import type { Changes } from './changes.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Shelved, Store, StoreWriter } from './store.ts';

/** Of large contents that were used once, so many are remembered. */
const mostSeen = 1024;

/** Large contents that are brought into memory at a time: each may push out as much as it is large. */
const mostUnderWay = 2;

/** Brings into memory what was found beneath it: small content at once, large content beside everything else, and only when it is used for the second time. */
export class Promotions {
  readonly #memory: Pick<Store, 'begin'>;
  readonly #changes: Changes;
  /** Serials of large contents that were used lately, the oldest first. */
  readonly #seen = new Set<number>();
  readonly #underWay = new Set<number>();

  constructor(memory: Pick<Store, 'begin'>, changes: Changes) {
    this.#memory = memory;
    this.#changes = changes;
  }

  /** What is large is read while others may change what is there: it comes into memory only if nothing has. Resolves when it has, or will not. */
  async promote(shelved: Shelved): Promise<void> {
    const { stored, content } = shelved;
    if (content.load === undefined || this.#isSecondUse(stored.serial)) await this.bring(shelved);
  }

  /** The same, however seldom it was used. */
  async bring(shelved: Shelved): Promise<void> {
    if (shelved.content.load === undefined) await this.#promoteAtOnce(shelved);
    else if (this.#underWay.size < mostUnderWay && !this.#underWay.has(shelved.stored.serial))
      await this.#promoteInPieces(shelved);
  }

  #promoteAtOnce({ stored, content }: Shelved): MaybePromise<boolean> {
    const writer = this.#memory.begin(stored, content.length);
    if (typeof writer === 'string') return false;
    for (let offset = 0; offset < content.length; ) {
      const run = content.at(offset);
      if (run === undefined || !writer.write(run)) {
        writer.abort();
        return false;
      }
      offset += run.length;
    }
    return writer.commit(stored);
  }

  #isSecondUse(serial: number): boolean {
    if (this.#seen.delete(serial)) return true;
    this.#seen.add(serial);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= mostSeen) break;
      this.#seen.delete(oldest);
    }
    return false;
  }

  async #promoteInPieces({ stored, content }: Shelved): Promise<void> {
    const writer = this.#memory.begin(stored, content.length);
    if (typeof writer === 'string') return;
    const watch = this.#changes.watch(stored.key);
    this.#underWay.add(stored.serial);
    try {
      const isWhole = await copyInto(writer, content, () => watch.isStale);
      if (isWhole && !watch.isStale) await writer.commit(stored);
    } finally {
      writer.abort();
      watch.end();
      this.#underWay.delete(stored.serial);
    }
  }
}

/** Whether all of it could be read and taken, and nothing has changed meanwhile. */
async function copyInto(writer: StoreWriter, content: Shelved['content'], isStale: () => boolean): Promise<boolean> {
  for (let offset = 0; offset < content.length; ) {
    const run = content.at(offset);
    if (run === undefined) {
      if (!(await content.load?.(offset)) || isStale()) return false;
      continue;
    }
    if (!writer.write(run)) return false;
    offset += run.length;
  }
  return true;
}
