import { assertNever, type EpochMs } from '../http/message.ts';
import type { Clock } from './clock.ts';

/** What is turned away while there is too much to do, each with all that stands before it. What is answered from the shelf on a connection that is open never is. */
const sheddings = ['nothing', 'misses', 'connections'] as const;

export type Shedding = (typeof sheddings)[number];

/** Whether requests that need the origin are refused now. */
export interface Load {
  readonly shedsMisses: boolean;
}

export interface LoadWatchOptions {
  readonly clock: Pick<Clock, 'steady' | 'schedule'>;
  /** How late the event loop may be, in milliseconds; 0: however late. */
  readonly boundMs: number;
  /** Is told of each change, and how late the loop was then. */
  readonly onChange: (shedding: Shedding, delayMs: number) => void;
}

/** How often the event loop is looked at, in milliseconds. */
const sampleMs = 100;

/** So often in a row beyond the bound before more is turned away: one long pause, as of a collection or of a machine that was suspended, is no overload. */
const samplesToShed = 2;

/** So often in a row below half of it before less is: what is let in again at once would only bring it back. */
const samplesToAdmit = 5;

/**
 * Watches how late the event loop is: every request waits that long, and what more is begun then makes all of them late. First it is said to turn requests away that need the origin, as they cost
 * several times as much as others; if that does not help, new connections.
 */
export class LoadWatch implements Load {
  readonly #options: LoadWatchOptions;
  #level = 0;
  #late = 0;
  #calm = 0;
  #cancel: (() => void) | undefined;

  constructor(options: LoadWatchOptions) {
    this.#options = options;
  }

  get shedding(): Shedding {
    return sheddings[this.#level] ?? 'nothing';
  }

  get shedsMisses(): boolean {
    return this.#level > 0;
  }

  start(): void {
    if (this.#options.boundMs > 0) this.#sampleLater();
  }

  /** From then on nothing is turned away. */
  stop(): void {
    this.#cancel?.();
    this.#level = 0;
  }

  #sampleLater(): void {
    const { clock } = this.#options;
    const due = clock.steady() + sampleMs;
    this.#cancel = clock.schedule(sampleMs, () => this.#sample(due));
  }

  #sample(due: EpochMs): void {
    const { clock, boundMs } = this.#options;
    const delayMs = clock.steady() - due;
    this.#late = delayMs > boundMs ? this.#late + 1 : 0;
    this.#calm = delayMs < boundMs / 2 ? this.#calm + 1 : 0;
    if (this.#late === samplesToShed) this.#step(1, delayMs);
    else if (this.#calm === samplesToAdmit) this.#step(-1, delayMs);
    this.#sampleLater();
  }

  #step(by: 1 | -1, delayMs: number): void {
    this.#late = 0;
    this.#calm = 0;
    const level = Math.min(Math.max(this.#level + by, 0), sheddings.length - 1);
    if (level === this.#level) return;
    this.#level = level;
    this.#options.onChange(this.shedding, delayMs);
  }
}

/** A change as a sentence for operators. */
export function sheddingText(shedding: Shedding, delayMs: number): string {
  const late = `the event loop is ${Math.round(delayMs)} ms late`;
  switch (shedding) {
    case 'nothing':
      return `overload: over, ${late}: everything is let in again`;
    case 'misses':
      return `overload: ${late}: requests that need an origin get a 503, new connections are let in`;
    case 'connections':
      return `overload: ${late}: requests that need an origin get a 503, and new connections wait`;
    default:
      return assertNever(shedding);
  }
}
