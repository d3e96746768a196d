import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/store/memory.ts';
import type { StoreWriter } from '../../src/store/store.ts';
import { type CommittingWriters, TieredWriter } from '../../src/store/tiered-writer.ts';
import { contractLimits } from './shelf-contract.ts';
import { beginStoring, responseTo } from './shelved.ts';

/** A response on its way to memory, if that has room for it, and to a shelf that does not keep pace. */
function writing(isInMemory: boolean) {
  const memory = new MemoryStore({ ...contractLimits, givenSerials: true });
  const behind = new Promise<void>(() => {});
  const calls: string[] = [];
  const committed: CommittingWriters[] = [];
  const writer = new TieredWriter({
    memory: isInMemory ? beginStoring(memory, responseTo('/a')) : 'too-large',
    beginLower: (content): StoreWriter => ({
      content,
      keepsWhole: true,
      refusal: undefined,
      behind,
      write: () => calls.push('write') > 0,
      commit: () => true,
      abort: () => void calls.push('abort'),
    }),
    commit: async (_stored, writers) => committed.push(writers) > 0,
  });
  return { writer, behind, calls, committed };
}

test.each([
  ['in memory', true],
  ['nowhere, where memory has no room for it,', false],
])('what leaves a slower shelf behind is kept %s', async (_where, isInMemory) => {
  const { writer, behind, calls, committed } = writing(isInMemory);
  expect(writer.write(Buffer.from('a'))).toBe(true);
  expect(writer.behind).toBe(behind);
  expect(writer.leaveBehind()).toBe(isInMemory);
  expect([writer.behind, calls, writer.refusal]).toEqual([
    undefined,
    ['write', 'abort'],
    isInMemory ? undefined : 'store-refused',
  ]);
  expect(writer.write(Buffer.from('b'))).toBe(isInMemory);
  expect(calls).toEqual(['write', 'abort']);
  expect(await writer.commit(responseTo('/a'))).toBe(isInMemory);
  expect(committed.map(({ memory, lower }) => [memory !== undefined, lower])).toEqual(
    isInMemory ? [[true, undefined]] : [],
  );
});
