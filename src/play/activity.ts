/** What moves on the sockets, and those who wait for it. */
export class Activity {
  #count = 0;
  #wake: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  readonly moved = (): void => {
    this.#count += 1;
    this.#wake?.();
  };

  /** True when something has moved, false when nothing has for so long. */
  next(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(resolve, false), withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#answer(resolve, true);
      };
    });
  }

  #answer(resolve: (moved: boolean) => void, moved: boolean): void {
    this.#wake = undefined;
    resolve(moved);
  }
}
