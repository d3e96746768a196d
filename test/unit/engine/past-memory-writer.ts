import type { StoredResponse } from '../../../src/policy/stored.ts';
import { GrowingContent } from '../../../src/store/content.ts';
import type { StoreWriter } from '../../../src/store/store.ts';

/** A writer to memory and past it: what memory has no room for goes on to where it is only counted. */
export class PastMemory implements StoreWriter {
  readonly content: GrowingContent;
  readonly #memory: StoreWriter | undefined;
  keepsWhole: boolean;
  readonly refusal = undefined;
  /** Resolves when what it is only counted by has got on; until a test says so, it has none to wait for. */
  behind: Promise<void> | undefined;
  written = 0;
  ended: 'committed' | 'aborted' | undefined;

  /** Without memory there is no room there from the beginning. */
  constructor(memory: StoreWriter | undefined) {
    this.#memory = memory;
    this.content = memory?.content ?? new GrowingContent();
    this.keepsWhole = memory !== undefined;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#memory === undefined) this.content.append(chunk);
    else if (!this.#memory.write(chunk)) this.keepsWhole = false;
    this.written += chunk.length;
    return true;
  }

  leaveBehind(): boolean {
    this.behind = undefined;
    if (!this.keepsWhole) this.ended = 'aborted';
    return this.keepsWhole;
  }

  commit(_stored: StoredResponse): Promise<boolean> {
    this.content.seal();
    this.ended = 'committed';
    return Promise.resolve(true);
  }

  abort(): void {
    this.ended = 'aborted';
    this.#memory?.abort();
  }
}
