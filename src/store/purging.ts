import { setImmediate as turn } from 'node:timers/promises';
import type { Handle } from './cells.ts';
import { Pace } from './pace.ts';
import type { PackedResponses } from './packed.ts';
import type { Selecting } from './selecting.ts';
import { sampleSize, type StoreSelection } from './selection.ts';
import type { StoreCount, StorePurge } from './store.ts';

/** A purge in progress. */
interface Run {
  readonly purge: StorePurge;
  matched: number;
  /** Which of these were met, and are not to be counted again when the purge comes by. */
  readonly met: Set<Handle>;
}

export interface PurgingParts {
  readonly packed: PackedResponses;
  readonly selecting: Selecting;
  /** Takes a response off the shelf. */
  readonly remove: (handle: Handle) => void;
  /** The record of a response was changed: objects made from it are not it any more. */
  readonly changed: (handle: Handle) => void;
}

/**
 * Purges of the memory shelf. A large one goes over the shelf a millisecond at a time, so that requests are served in between, and one after the other; what it has not reached yet is purged when it is looked
 * up, so that it is in force from its first moment on.
 */
export class Purging {
  readonly #parts: PurgingParts;
  readonly #runs = new Set<Run>();
  /** Over when those are that go over the shelf. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: PurgingParts) {
    this.#parts = parts;
  }

  /** Whether what is looked up has to be shown to `meet` first. */
  get isUnderWay(): boolean {
    return this.#runs.size > 0;
  }

  /** How many responses it was about. */
  async purge(purge: StorePurge): Promise<number> {
    const run: Run = { purge, matched: 0, met: new Set() };
    this.#runs.add(run);
    // In force it is from here on; what may be much is done when whoever asked has been told so.
    await (isSmall(purge.selection) ? this.#goOver(run) : this.#inTurn(() => this.#goOver(run)));
    return run.matched;
  }

  /** How many it would be about; in turn with the purges. */
  count(selection: StoreSelection): Promise<StoreCount> {
    return isSmall(selection) ? this.#count(selection) : this.#inTurn(() => this.#count(selection));
  }

  /** A response is about to be looked at: what purges under way have not reached yet is done now. */
  meet(handle: Handle): void {
    const { selecting, packed } = this.#parts;
    for (const run of this.#runs) {
      if (packed.isUsed(handle) && selecting.matches(run.purge.selection, handle)) this.#apply(run, handle, false);
    }
  }

  /** What goes over the shelf, when what came before has. */
  #inTurn<T>(goOver: () => Promise<T>): Promise<T> {
    const done = this.#last.then(turn).then(goOver);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #count(selection: StoreSelection): Promise<StoreCount> {
    const { selecting, packed } = this.#parts;
    let matched = 0;
    const sample: StoreCount['sample'][number][] = [];
    const pace = new Pace();
    for (const handles of selecting.runs(selection)) {
      for (const handle of handles) {
        this.meet(handle);
        if (!packed.isUsed(handle)) continue;
        matched++;
        if (sample.length < sampleSize) sample.push(packed.keyOf(handle));
      }
      if (pace.isOver()) await pace.rest();
    }
    return { matched, sample };
  }

  async #goOver(run: Run): Promise<void> {
    const { selecting, packed } = this.#parts;
    const { selection } = run.purge;
    try {
      const pace = new Pace();
      for (const handles of selecting.runs(selection)) {
        let rested = false;
        for (const handle of handles) {
          if (pace.isOver()) {
            await pace.rest();
            rested = true;
          }
          // Meanwhile a place may have become that of another response.
          if (packed.isUsed(handle) && (!rested || selecting.matches(selection, handle)))
            this.#apply(run, handle, true);
        }
        if (pace.isOver()) await pace.rest();
      }
    } finally {
      this.#runs.delete(run);
    }
  }

  /** Each is counted once: when it is changed by being met, or else when the purge comes by. */
  #apply(run: Run, handle: Handle, comesBy: boolean): void {
    const { packed, remove, changed } = this.#parts;
    const { before, expire } = run.purge;
    if (packed.generationOf(handle) >= before) return;
    if (expire === undefined) {
      run.matched++;
      remove(handle);
      return;
    }
    const isChanged = packed.expire(handle, expire);
    if (isChanged) changed(handle);
    const isCounted = run.met.has(handle);
    if (!isCounted && (comesBy || isChanged)) run.matched++;
    if (comesBy) run.met.delete(handle);
    else if (isChanged) run.met.add(handle);
  }
}

/** Whether it is about few responses, which are found without going over the shelf. */
function isSmall({ kind }: StoreSelection): boolean {
  return kind === 'targets' || kind === 'one';
}
