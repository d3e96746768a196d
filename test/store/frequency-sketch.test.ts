import { describe, expect, it } from 'vitest';
import type { CacheKey } from '../../src/key/cache-key.ts';
import { FrequencySketch, mostCounted, type SketchSeed } from '../../src/store/frequency-sketch.ts';

const seed: SketchSeed = [0x12345678, 0x9e3779b1];

function keyOf(name: string): CacheKey {
  return `http://shop.test/${name}` as CacheKey;
}

function counted(sketch: FrequencySketch, name: string, uses: number, kept = 1_000): void {
  for (let i = 0; i < uses; i++) sketch.count(sketch.hashOf(keyOf(name)), kept);
}

function countOf(sketch: FrequencySketch, key: CacheKey): number {
  return sketch.of(sketch.hashOf(key));
}

/** How often the key with that number is counted. */
function times(i: number): number {
  return 1 + (i % 3);
}

/** Which of many keys are taken for some that were counted. */
function sharing(...[start, factor]: SketchSeed): string {
  const sketch = new FrequencySketch(2 ** 8, [start, factor]);
  for (let i = 0; i < 30; i++) counted(sketch, `counted/${i}`, 1);
  return Array.from({ length: 20_000 }, (_, i) => (countOf(sketch, keyOf(`${i}`)) > 0 ? 'x' : '.')).join('');
}

describe('how often a key was used', () => {
  it('is counted, up to fifteen times', () => {
    const sketch = new FrequencySketch(2 ** 12, seed);
    const counts = [0, 1, 2, 7, 14, 15, 16, 40];
    for (const each of counts) counted(sketch, `${each}`, each);
    expect(counts.map((each) => countOf(sketch, keyOf(`${each}`)))).toEqual(
      counts.map((each) => Math.min(each, mostCounted)),
    );
  });

  it('is never too low, and for hardly any key too high, where there are as many as there is room for', () => {
    const sketch = new FrequencySketch(2 ** 14, seed);
    for (let i = 0; i < 1_000; i++) counted(sketch, `${i}`, times(i));
    const errors = Array.from({ length: 1_000 }, (_, i) => countOf(sketch, keyOf(`${i}`)) - times(i));
    expect(Math.min(...errors)).toBe(0);
    expect(errors.filter((error) => error > 0).length).toBeLessThan(20);
  });

  it('is raised for a key that shares some of its counters by no use of the others', () => {
    let tooHigh = 0;
    for (let start = 0; start < 40; start++) {
      const sketch = new FrequencySketch(2 ** 13, [start, seed[1]]);
      for (let i = 0; i < 1_000; i++) counted(sketch, `${i}`, times(i));
      for (let i = 0; i < 1_000; i++) if (countOf(sketch, keyOf(`${i}`)) > times(i)) tooHigh++;
    }
    // Of 40,000; more than twice as many where every use raised all four.
    expect(tooHigh).toBeLessThan(130);
  });

  it('is told apart for keys that differ in any character, or in nothing but their length', () => {
    const sketch = new FrequencySketch(2 ** 16, seed);
    counted(sketch, 'a/b', 5);
    for (const other of ['b/b', 'a/c', 'b/a', 'a/', 'a/b\0', 'a/bb', 'A/b', 'a/\u0162', '\u8061/\u8062']) {
      expect(countOf(sketch, keyOf(other)), other).toBe(0);
    }
  });

  it('counts for half after five uses of each key that is kept', () => {
    const sketch = new FrequencySketch(2 ** 12, seed);
    // The first round is as long as there are words.
    counted(sketch, 'other', 1 + 2 ** 10);
    counted(sketch, 'a', 12);
    for (let i = 0; i < 5 * 1_000 - 12; i++) counted(sketch, 'other', 1);
    expect(countOf(sketch, keyOf('a'))).toBe(12);
    counted(sketch, 'other', 12);
    expect(countOf(sketch, keyOf('a'))).toBe(6);
  });

  it('counts in full for a use of each eighth of the words, however few are kept', () => {
    const sketch = new FrequencySketch(2 ** 12, seed);
    counted(sketch, 'other', 1 + 2 ** 10, 1);
    counted(sketch, 'a', 8, 1);
    counted(sketch, 'other', 2 ** 7 - 8, 1);
    expect(countOf(sketch, keyOf('a'))).toBe(8);
    counted(sketch, 'other', 1, 1);
    expect(countOf(sketch, keyOf('a'))).toBe(4);
  });

  it('is not forgotten in a flood of keys that come once', () => {
    const sketch = new FrequencySketch(2 ** 16, seed);
    counted(sketch, 'a', 8);
    // More than for any other reason would have halved it; fewer than would be mistaken for one another.
    for (let i = 0; i < 8_000; i++) counted(sketch, `once/${i}`, 1);
    expect(countOf(sketch, keyOf('a'))).toBe(8);
    for (let i = 8_000; i < 16_000; i++) counted(sketch, `once/${i}`, 1);
    expect(countOf(sketch, keyOf('a'))).toBe(4);
  });

  it('is told of a key that came once as once, in a flood of them without end', () => {
    const sketch = new FrequencySketch(2 ** 14, seed);
    let mistaken = 0;
    for (let i = 0; i < 100_000; i++) {
      counted(sketch, `once/${i}`, 1);
      if (countOf(sketch, keyOf(`once/${i}`)) > 1) mistaken++;
    }
    expect(mistaken / 100_000).toBeLessThan(0.02);
  });

  it('depends on the seed where keys share their counters', () => {
    const first = sharing(...seed);
    expect(first).toContain('x');
    expect(sharing(...seed)).toBe(first);
    expect([sharing(1, seed[1]), sharing(seed[0], 3)].map((each) => each === first)).toEqual([false, false]);
  });
});
