import { RecentKeys } from '../key/recent-keys.ts';

/** In which generation each of the things was invalidated that were named last. */
export class RecentGenerations {
  readonly #ofName: RecentKeys<number>;
  /** The latest that was forgotten. */
  #floor = 0;
  #last = 0;

  constructor(maxKeys: number) {
    this.#ofName = new RecentKeys({
      maxKeys,
      onForget: (generation) => {
        this.#floor = Math.max(this.#floor, generation);
      },
    });
  }

  /** When any of them was invalidated last. */
  get last(): number {
    return this.#last;
  }

  set(name: string, generation: number): void {
    this.#last = generation;
    this.#ofName.set(name, generation);
  }

  /** Undefined where it was never invalidated, or that is forgotten. */
  remembered(name: string): number | undefined {
    return this.#ofName.get(name);
  }

  /** The same; what is not remembered may have been invalidated as late as anything that is forgotten. */
  of(name: string): number {
    return this.#ofName.get(name) ?? this.#floor;
  }
}
