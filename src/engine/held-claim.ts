import type { Clock } from './clock.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';

/** How long others elsewhere wait at the most for what has come to be on the shelf. */
export interface ClaimPatience {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly shelfStallMs: number;
}

/** The claim of a fill to be the only one of those who share the shelf that asks for something: let go of when that is on the shelf, or will not be. */
export class HeldClaim {
  #release: (() => void) | undefined;
  /** Changes of the shelf that are not done yet. */
  #storing = 0;
  #isEnded = false;
  readonly #patience: ClaimPatience;
  #callOff: (() => void) | undefined;

  constructor(release: () => void, patience: ClaimPatience) {
    this.#release = release;
    this.#patience = patience;
  }

  /** What came is being put on the shelf: those who wait would not find it before that. */
  storing(operation: MaybePromise<unknown>): void {
    if (!(operation instanceof Promise)) return;
    this.#storing++;
    const changed = (): void => {
      this.#storing--;
      if (this.#isEnded) this.end();
    };
    operation.then(changed, changed);
  }

  /** Nothing more is put on the shelf. */
  end(): void {
    this.#isEnded = true;
    const { clock, shelfStallMs } = this.#patience;
    if (this.#storing === 0) this.release();
    // Whoever waits elsewhere is a client of a shelf that may not be written on for long.
    else if (this.#release !== undefined) this.#callOff ??= clock.schedule(shelfStallMs, () => this.release());
  }

  /** Nothing will be on the shelf that others may use. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    this.#callOff?.();
    release?.();
  }
}
