import { turnstile } from '../store/turnstile.ts';

/** Points by name that one side of a test waits at until the other has opened them. */
export class Barriers {
  readonly #known = new Map<string, ReturnType<typeof turnstile>>();

  /** Resolves when `open` was called for that name, before or after. */
  reached(name: string): Promise<void> {
    return this.#at(name).opened;
  }

  open(name: string): void {
    this.#at(name).open();
  }

  #at(name: string): ReturnType<typeof turnstile> {
    const known = this.#known.get(name) ?? turnstile();
    this.#known.set(name, known);
    return known;
  }
}
