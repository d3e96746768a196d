import type { EtagereError } from '../errors.ts';
import type { StoreRefusal } from '../store/store.ts';
import type { Answer, Feeder } from './answer.ts';

/** The hand of a body on the request that brings it. */
export interface BodyControls {
  pause(): void;
  resume(): void;
  /** Nobody reads any more. */
  unread(): void;
  /** What was on its way to the shelf is so no longer. */
  refused(reason: StoreRefusal): void;
}

/** Content that goes straight to one client, no faster than that client reads. */
export class Passage implements Feeder {
  readonly #controls: BodyControls;
  #answer: Answer | undefined;

  constructor(controls: BodyControls) {
    this.#controls = controls;
  }

  get read(): boolean {
    return this.#answer !== undefined;
  }

  get wanted(): boolean {
    return this.read;
  }

  add(answer: Answer): void {
    this.#answer = answer;
    answer.fedBy(this);
  }

  write(chunk: Uint8Array): void {
    if (this.#answer?.write(chunk) === false) this.#controls.pause();
  }

  complete(): void {
    this.#answer?.end();
  }

  abort(error: EtagereError | undefined): void {
    this.#answer?.abort(error);
  }

  onDrain(): void {
    this.#controls.resume();
  }

  onLeave(): void {
    this.#answer = undefined;
    this.#controls.unread();
  }
}
