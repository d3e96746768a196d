/** Claims that are remembered at once. They are fills in progress, which each worker bounds; beyond it a claim is granted and forgotten. */
const maxClaims = 100_000;

/** Who claims: a worker, and its number for this claim. */
export interface Claimant {
  readonly worker: number;
  readonly call: number;
}

interface Held {
  readonly holder: Claimant;
  readonly waiting: Claimant[];
}

/** Who of all workers asks the origin for what. Kept by the primary process. */
export class ClaimTable {
  readonly #held = new Map<string, Held>();
  /** By holder: what it holds. */
  readonly #names = new Map<string, string>();
  readonly #over: (waiting: Claimant) => void;

  /** @param over Is told for each who waits when what it waits for is no longer claimed. */
  constructor(over: (waiting: Claimant) => void) {
    this.#over = over;
  }

  get size(): number {
    return this.#held.size;
  }

  claim(name: string, claimant: Claimant): 'granted' | 'elsewhere' {
    const held = this.#held.get(name);
    if (held !== undefined) {
      held.waiting.push(claimant);
      return 'elsewhere';
    }
    if (this.#held.size < maxClaims) {
      this.#held.set(name, { holder: claimant, waiting: [] });
      this.#names.set(idOf(claimant), name);
    }
    return 'granted';
  }

  release(claimant: Claimant): void {
    const id = idOf(claimant);
    const name = this.#names.get(id);
    const held = name === undefined ? undefined : this.#held.get(name);
    if (name === undefined || held === undefined) return;
    this.#names.delete(id);
    this.#held.delete(name);
    for (const waiting of held.waiting) this.#over(waiting);
  }

  /** A worker has gone, and asks for nothing any more. */
  leave(worker: number): void {
    const left = [...this.#held.values()].map(({ holder }) => holder).filter((holder) => holder.worker === worker);
    for (const holder of left) this.release(holder);
  }
}

function idOf({ worker, call }: Claimant): string {
  return `${worker}.${call}`;
}
