import { setImmediate as turn } from 'node:timers/promises';
import type { Handle } from './cells.ts';
import type { PackedResponses } from './packed.ts';
import type { Selecting } from './selecting.ts';
import type { StoreCount, StorePurge, StoreSelection } from './store.ts';

/** A purge in progress. */
interface Run {
  readonly purge: StorePurge;
  matched: number;
}

export interface PurgingParts {
  readonly packed: PackedResponses;
  readonly selecting: Selecting;
  /** Takes a response off the shelf. */
  readonly remove: (handle: Handle) => void;
  /** The record of a response was changed: objects made from it are not it any more. */
  readonly changed: (handle: Handle) => void;
}

/** How long requests wait at most for a purge that goes over the shelf. */
const turnMs = 2;

/** Of how many responses a preview names the URL. */
const sampleSize = 10;

/** Lets requests go on beside long work. */
class Pace {
  #until = performance.now() + turnMs;

  isOver(): boolean {
    return performance.now() > this.#until;
  }

  async rest(): Promise<void> {
    await turn();
    this.#until = performance.now() + turnMs;
  }
}

/**
 * Purges of the memory shelf. A large one goes over the shelf a millisecond at a time, so that requests are served in between; what it has not reached yet is purged when it is looked
 * up, so that it is in force from its first moment on.
 */
export class Purging {
  readonly #parts: PurgingParts;
  readonly #runs = new Set<Run>();

  constructor(parts: PurgingParts) {
    this.#parts = parts;
  }

  /** Whether what is looked up has to be shown to `meet` first. */
  get isUnderWay(): boolean {
    return this.#runs.size > 0;
  }

  /** How many responses it was about. */
  async purge(purge: StorePurge): Promise<number> {
    const { selecting, packed } = this.#parts;
    const run: Run = { purge, matched: 0 };
    this.#runs.add(run);
    try {
      // In force it is from here on; what may be much is done when whoever asked has been told so.
      if (purge.selection.kind !== 'targets' && purge.selection.kind !== 'one') await turn();
      const pace = new Pace();
      for (const handles of selecting.runs(purge.selection)) {
        for (const handle of handles) {
          if (pace.isOver()) await pace.rest();
          if (packed.isUsed(handle)) this.#apply(run, handle, true);
        }
        if (pace.isOver()) await pace.rest();
      }
    } finally {
      this.#runs.delete(run);
    }
    return run.matched;
  }

  /** A response is about to be looked at: what purges under way have not reached yet is done now. */
  meet(handle: Handle): void {
    const { selecting, packed } = this.#parts;
    for (const run of this.#runs) {
      if (packed.isUsed(handle) && selecting.matches(run.purge.selection, handle)) this.#apply(run, handle, false);
    }
  }

  async count(selection: StoreSelection): Promise<StoreCount> {
    const { selecting, packed } = this.#parts;
    let matched = 0;
    const sample: StoreCount['sample'][number][] = [];
    const pace = new Pace();
    for (const handles of selecting.runs(selection)) {
      matched += handles.length;
      for (const handle of handles.slice(0, sampleSize - sample.length)) sample.push(packed.keyOf(handle));
      if (pace.isOver()) await pace.rest();
    }
    return { matched, sample };
  }

  /** What becomes stale is counted by the purge that comes by; what is gone then must be counted at once. */
  #apply(run: Run, handle: Handle, comesBy: boolean): void {
    const { packed, remove, changed } = this.#parts;
    const { before, expire } = run.purge;
    if (packed.generationOf(handle) >= before) return;
    if (expire === undefined || comesBy) run.matched++;
    if (expire === undefined) {
      remove(handle);
    } else if (packed.expire(handle, expire)) {
      changed(handle);
    }
  }
}
