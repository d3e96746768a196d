import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Committed, Draft } from '../../src/store/backing.ts';
import type { ManualClock } from '../../src/play/manual-clock.ts';
import type { BackedShelf } from '../../src/store/backed.ts';
import { backedClock, backedShelf } from './backed-shelf.ts';
import { HeapBacking, HeapGround } from './heap-backing.ts';
import { put, responseTo, textsAt } from './shelved.ts';

const stored = responseTo('/a');

interface Both {
  readonly ground: HeapGround;
  readonly backing: HeapBacking;
  readonly shelf: BackedShelf;
  readonly other: BackedShelf;
  /** Of both. */
  readonly clock: ManualClock;
}

/** Two that share a shelf, of which none is told of the orders of the other. */
function both(): Both {
  const ground = new HeapGround();
  const clock = backedClock();
  const backing = new HeapBacking(ground, { hears: false });
  const other = backedShelf(new HeapBacking(ground, { hears: false }), { clock });
  return { ground, backing, clock, other, shelf: backedShelf(backing, { clock }) };
}

/** Has something happen around each commit, which is not compared with the log in the same step. */
function aroundCommit(backing: HeapBacking, around: (commit: () => Promise<Committed>) => Promise<Committed>): void {
  const draft = backing.draft.bind(backing);
  backing.draft = (place) => {
    const made: Draft | undefined = draft(place);
    return made && { ...made, commit: (head, keepMs) => around(() => made.commit(head, keepMs)) };
  };
}

/** So long that what was ordered is forgotten. */
async function passTime(clock: ManualClock): Promise<void> {
  await clock.advance(5 * 60_000, async () => {
    for (let i = 0; i < 20; i++) await turn();
  });
}

describe('what has come onto the shelf while another had ordered that it should not be there', () => {
  it('is not used where it can be taken away neither at once nor later', async () => {
    const { backing, clock, shelf, other } = both();
    aroundCommit(backing, async (commit) => {
      await other.invalidate(stored.key);
      backing.fails = (call) => call === 'row' || call === 'remove';
      return commit();
    });
    expect(await put(shelf, stored, 'old')).toBe(false);
    await passTime(clock);
    expect(await textsAt(other, stored)).toEqual([]);
  });

  it('is not used where it was said that it is not there, as that took too long', async () => {
    const { ground, backing, clock, shelf, other } = both();
    aroundCommit(backing, async (commit) => {
      await other.invalidate(stored.key);
      await commit();
      return false;
    });
    expect(await put(shelf, stored, 'old')).toBe(false);
    expect(ground.records).toEqual([]);
    await passTime(clock);
    expect(await textsAt(other, stored)).toEqual([]);
  });

  it('gives no order for what was never kept, however many that are', async () => {
    const { ground, backing, clock, shelf } = both();
    backing.fails = (call) => call !== 'draft' && call !== 'write' && call !== 'append';
    for (const target of ['/a', '/b', '/c']) expect(await put(shelf, responseTo(target), 'x')).toBe(false);
    backing.fails = () => false;
    await passTime(clock);
    expect([ground.head, ground.records]).toEqual([0, []]);
  });
});
