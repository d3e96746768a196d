import { type Junction, junction, withLength } from '../policy/combine.ts';
import type { Content } from '../store/content.ts';
import { settle } from './settle.ts';
import type { Shelved, Store } from '../store/store.ts';

/**
 * RFC 9111 §3.4: joins a part that has just been stored with the one that lay in its place, where they meet. Both are whole in themselves, so a store
 * that has no room for the junction keeps the newer.
 */
export function joinParts(store: Store, older: readonly Shelved[], newer: Shelved): void {
  for (const shelved of older) {
    const joint = junction(shelved.stored, newer.stored);
    if (joint === undefined) continue;
    const length = joint.before + newer.content.length + joint.after;
    const stored = withLength(joint.stored, length);
    const writer = stored === undefined ? undefined : store.begin(stored, length);
    if (stored === undefined || writer === undefined || typeof writer === 'string') return;
    if (copyJoint(shelved.content, newer.content, joint, (chunk) => writer.write(chunk))) settle(writer.commit(stored));
    else writer.abort();
    return;
  }
}

function copyJoint(
  older: Content,
  newer: Content,
  { before, after }: Junction,
  write: (chunk: Uint8Array) => boolean,
): boolean {
  return (
    copy(older, { first: 0, end: before }, write) &&
    copy(newer, { first: 0, end: newer.length }, write) &&
    copy(older, { first: older.length - after, end: older.length }, write)
  );
}

/** Writes a run of content, in the pieces in which it lies in memory; false as soon as `write` takes no more, or it is not all there. */
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
