import { describe, expect, it } from 'vitest';
import { Scratch } from '../../../src/listener/scratch.ts';

describe('scratch memory', () => {
  it('is the same for one answer after the other', () => {
    const scratch = new Scratch();
    expect(scratch.take(10).buffer).toBe(scratch.take(20).buffer);
    expect(scratch.take(20)).toHaveLength(20);
  });

  it('is left to whoever still needs it', () => {
    const scratch = new Scratch();
    const kept = scratch.take(3);
    kept.write('abc');
    scratch.renew();
    scratch.take(3).write('xyz');
    expect(kept.toString()).toBe('abc');
  });

  it('is not used for what is too long for it', () => {
    const scratch = new Scratch();
    expect(scratch.take(100_000)).toHaveLength(100_000);
    expect(scratch.take(100_000).buffer).not.toBe(scratch.take(1).buffer);
  });
});
