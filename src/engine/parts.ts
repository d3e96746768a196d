import { type Junction, junction, withLength } from '../policy/combine.ts';
import type { Content } from '../store/content.ts';
import type { MaybePromise } from '../store/maybe-promise.ts';
import { settle } from './settle.ts';
import type { Shelved, Store, StoreWriter } from '../store/store.ts';

/** A run of one content, in bytes. */
interface Run {
  readonly content: Content;
  readonly first: number;
  readonly end: number;
}

/**
 * RFC 9111 §3.4: joins a part that has just been stored with the one that lay in its place, where they meet. Both are whole in themselves, so a store
 * that has no room for the junction keeps the newer.
 *
 * @param isCurrent whether nothing was invalidated or purged since the newer one was stored: asked when all is copied, which may take a while.
 */
export function joinParts(store: Store, older: readonly Shelved[], newer: Shelved, isCurrent: () => boolean): void {
  for (const shelved of older) {
    const joint = junction(shelved.stored, newer.stored);
    if (joint === undefined) continue;
    const length = joint.before + newer.content.length + joint.after;
    const stored = withLength(joint.stored, length);
    const writer = stored === undefined ? undefined : store.begin(stored, length);
    if (stored === undefined || writer === undefined || typeof writer === 'string') return;
    const finish = (isCopied: boolean): void => {
      if (isCopied && isCurrent()) settle(writer.commit(stored));
      else writer.abort();
    };
    const copied = copyRuns(runsOf(shelved.content, newer.content, joint), writer);
    if (copied instanceof Promise) settle(copied.then(finish, () => finish(false)));
    else finish(copied);
    return;
  }
}

function runsOf(older: Content, newer: Content, { before, after }: Junction): readonly Run[] {
  return [
    { content: older, first: 0, end: before },
    { content: newer, first: 0, end: newer.length },
    { content: older, first: older.length - after, end: older.length },
  ];
}

/** False where not all is there, or memory has no room for the whole: it would have to hold it beside the limit. */
function copyRuns(runs: readonly Run[], writer: StoreWriter): MaybePromise<boolean> {
  const write = (chunk: Uint8Array): boolean => writer.write(chunk) && writer.keepsWhole;
  const isAtHand = runs.every(({ content }) => content.load === undefined);
  return isAtHand ? runs.every((run) => copy(run.content, run, write)) : copyLoading(runs, write);
}

async function copyLoading(runs: readonly Run[], write: (chunk: Uint8Array) => boolean): Promise<boolean> {
  for (const { content, first, end } of runs) {
    for (let offset = first; offset < end; ) {
      const isThere = content.at(offset) !== undefined || (await content.load?.(offset)) === true;
      const chunk = isThere ? content.at(offset)?.subarray(0, end - offset) : undefined;
      if (chunk === undefined || !write(chunk)) return false;
      offset += chunk.length;
    }
  }
  return true;
}

/** Writes a run of content, in the pieces in which it lies in memory; false as soon as `write` takes no more, or it is not all at hand. */
export function copy(
  content: Content,
  { first, end }: { first: number; end: number },
  write: (chunk: Uint8Array) => boolean,
): boolean {
  for (let offset = first; offset < end; ) {
    const run = content.at(offset);
    const chunk = run !== undefined && run.length > end - offset ? run.subarray(0, end - offset) : run;
    if (chunk === undefined || !write(chunk)) return false;
    offset += chunk.length;
  }
  return true;
}
