import { describe, expect, it } from 'vitest';
import { Members } from '../../src/store/members.ts';

describe('the members of a name', () => {
  it('are those that were added and not removed, each once', () => {
    const members = new Members<string, number>();
    const steps = [
      ['add', 7],
      ['add', 7],
      ['add', 0],
      ['remove', 7],
      ['add', 9],
      ['remove', 5],
      ['remove', 9],
      ['remove', 0],
    ] as const;
    const counts = steps.map(([step, member]) => {
      members[step]('a', member);
      return members.countOf('a');
    });
    expect(counts).toEqual([1, 1, 2, 1, 2, 2, 1, 0]);
    expect([...members.of('a')]).toEqual([]);
  });

  it('are told apart by the name, in the order in which they came', () => {
    const members = new Members<string, number>();
    for (const member of [3, 1, 2]) members.add('a', member);
    members.add('b', 1);
    expect([[...members.of('a')], [...members.of('b')], [...members.of('c')]]).toEqual([[3, 1, 2], [1], []]);
    expect([members.has('a', 2), members.has('b', 2), members.has('b', 1), members.has('c', 1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
