import type { EtagereError } from '../errors.ts';
import type { Store, StoreRefusal } from '../store/store.ts';
import type { Answer, Feeder } from './answer.ts';

/** The hand of a body on the request that brings it. */
export interface BodyControls {
  pause(): void;
  resume(): void;
  /** Nobody reads any more. */
  unread(): void;
  /** What was on its way to the shelf is so no longer. */
  refused(reason: StoreRefusal): void;
  /** What has come is being put on the shelf. */
  storing(operation: Promise<unknown>): void;
}

/** Content that goes straight to one client, no faster than that client reads. */
export class Passage implements Feeder {
  readonly #controls: BodyControls;
  readonly #memory: Pick<Store, 'charge' | 'release'>;
  #answer: Answer | undefined;
  /** Bytes that the client has not taken yet, counted against the store's limit. */
  #untaken = 0;

  constructor(controls: BodyControls, memory: Pick<Store, 'charge' | 'release'>) {
    this.#controls = controls;
    this.#memory = memory;
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
    if (this.#answer?.write(chunk) !== false) return;
    this.#untaken += chunk.length;
    this.#memory.charge(chunk.length);
    this.#controls.pause();
  }

  complete(): void {
    this.#letGo();
    this.#answer?.end();
  }

  abort(error: EtagereError | undefined): void {
    this.#letGo();
    this.#answer?.abort(error);
  }

  onDrain(): void {
    this.#letGo();
    this.#controls.resume();
  }

  onLeave(): void {
    this.#letGo();
    this.#answer = undefined;
    this.#controls.unread();
  }

  #letGo(): void {
    this.#memory.release(this.#untaken);
    this.#untaken = 0;
  }
}
