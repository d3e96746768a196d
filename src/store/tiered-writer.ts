import type { StoredResponse } from '../policy/stored.ts';
import { GrowingContent } from './content.ts';
import type { StoreRefusal, StoreWriter } from './store.ts';

export interface TieredWriting {
  readonly memory: StoreWriter | StoreRefusal;
  /** Begins on the shelf beneath, where what is written is read from that content. */
  readonly beginLower: (content: GrowingContent) => StoreWriter | StoreRefusal;
  /** Puts it where it goes: the writers that are still at it have all of the content. */
  readonly commit: (stored: StoredResponse, writers: CommittingWriters) => Promise<boolean>;
}

/** Those that have not given up. */
export interface CommittingWriters {
  readonly memory: StoreWriter | undefined;
  readonly lower: StoreWriter | undefined;
}

/** One response on its way to memory and to the shelf beneath, from one content. It goes on as long as one of the two takes it. */
export class TieredWriter implements StoreWriter {
  readonly content: GrowingContent;
  readonly #commit: TieredWriting['commit'];
  readonly #memory: StoreWriter | undefined;
  #lower: StoreWriter | undefined;
  /** Whether memory still takes it. */
  #inMemory: boolean;
  #isOpen = true;
  #memoryRefusal: StoreRefusal | undefined;
  #lowerRefusal: StoreRefusal | undefined;

  constructor({ memory, beginLower, commit }: TieredWriting) {
    this.#commit = commit;
    this.#inMemory = typeof memory !== 'string';
    if (typeof memory === 'string') this.#memoryRefusal = memory;
    else this.#memory = memory;
    // What memory does not keep is let go of from the front, block by block: so it must not lie in a single one.
    this.content = this.#memory?.content ?? new GrowingContent();
    const lower = beginLower(this.content);
    if (typeof lower === 'string') this.#lowerRefusal = lower;
    else this.#lower = lower;
    this.#isOpen = this.#isTaken;
  }

  /** Whether memory keeps all of the content; else it may be let go of from the front as soon as it was written. */
  get keepsWhole(): boolean {
    return this.#isOpen && this.#inMemory;
  }

  /** Too large only where it is so for both. */
  get refusal(): StoreRefusal | undefined {
    if (this.#memoryRefusal === undefined || this.#lowerRefusal === undefined) return undefined;
    return this.#memoryRefusal === this.#lowerRefusal ? this.#memoryRefusal : 'store-refused';
  }

  get #isTaken(): boolean {
    return this.#inMemory || this.#lower !== undefined;
  }

  write(chunk: Uint8Array): boolean {
    const memory = this.#memory;
    if (memory === undefined) {
      this.content.append(chunk);
    } else if (!memory.write(chunk) && this.#inMemory) {
      this.#inMemory = false;
      this.#memoryRefusal = memory.refusal ?? 'store-refused';
    }
    if (!this.#isOpen) return false;
    return this.#lower?.write(chunk) === false ? this.#goOnWithoutLower() : this.#goOn();
  }

  get behind(): Promise<void> | undefined {
    return this.#lower?.behind;
  }

  leaveBehind(): boolean {
    this.#lower?.abort();
    return this.#goOnWithoutLower();
  }

  commit(stored: StoredResponse): Promise<boolean> {
    const lower = this.#lower;
    this.content.seal();
    if (!this.#isOpen) return Promise.resolve(false);
    this.#isOpen = false;
    return this.#commit(stored, { memory: this.#inMemory ? this.#memory : undefined, lower });
  }

  abort(): void {
    this.#isOpen = false;
    this.#memory?.abort();
    this.#lower?.abort();
  }

  #goOnWithoutLower(): boolean {
    this.#lowerRefusal = this.#lower?.refusal ?? 'store-refused';
    this.#lower = undefined;
    return this.#goOn();
  }

  #goOn(): boolean {
    this.#isOpen &&= this.#isTaken;
    return this.#isOpen;
  }
}
