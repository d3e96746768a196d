import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingContent, WholeContent } from '../../src/store/content.ts';
import { textOf } from './shelved.ts';

const block = 64 * 1024;

/** Bytes that tell their place. */
function pattern(length: number, from = 0): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (from + i) % 251));
}

function filled(content: GrowingContent, length: number): GrowingContent {
  content.append(pattern(length, content.length));
  return content;
}

describe('growing content', () => {
  it('has nothing at first', () => {
    const content = new GrowingContent();
    expect(content).toMatchObject({ length: 0, complete: false, bytesHeld: 0 });
    expect(content.at(0)).toBeUndefined();
  });

  it.each([1, block - 1, block, block + 1, 3 * block, 3 * block + 7])('gives back %d bytes as they were', (length) => {
    const content = filled(new GrowingContent(), length);
    expect(Buffer.from(textOf({ content }), 'latin1').equals(pattern(length))).toBe(true);
    expect(content.at(length)).toBeUndefined();
    expect(content.at(length - 1)).toHaveLength(1);
  });

  it('gives a run from any offset to the end of its block or of the content', () => {
    const content = filled(new GrowingContent(), block + 100);
    expect(content.at(0)).toHaveLength(block);
    expect(content.at(block - 1)).toHaveLength(1);
    expect(content.at(block)).toHaveLength(100);
    expect(content.at(block + 40)).toEqual(pattern(60, block + 40));
  });

  it('never changes a run that it has given', () => {
    const content = filled(new GrowingContent(), 100);
    const run = content.at(0);
    filled(content, 2 * block);
    content.seal();
    content.releaseBefore(2 * block);
    expect(run).toEqual(pattern(100));
  });

  it('lies in one block of its own size when its length is known and moderate', () => {
    const content = new GrowingContent(1_000_000);
    expect(content.growthFor(1)).toBe(1_000_000);
    filled(content, 1_000_000);
    expect(content.bytesHeld).toBe(1_000_000);
    expect(content.at(0)).toHaveLength(1_000_000);
  });

  it.each([0, 2 ** 20 + 1, 2 ** 40])('lies in blocks when its length is said to be %d', (expected) => {
    expect(new GrowingContent(expected).growthFor(1)).toBe(block);
  });

  it('takes more than was promised', () => {
    const content = filled(new GrowingContent(10), 25);
    expect(textOf({ content })).toBe(pattern(25).toString('latin1'));
    expect(content.bytesHeld).toBe(30);
  });

  it('gives back the unused part of its last block when it is sealed', () => {
    const content = filled(new GrowingContent(), block + 1);
    expect(content.bytesHeld).toBe(2 * block);
    content.seal();
    content.seal();
    expect(content).toMatchObject({ complete: true, length: block + 1, bytesHeld: block + 1 });
    expect(textOf({ content })).toBe(pattern(block + 1).toString('latin1'));
  });

  it('is sealed without content', () => {
    const content = new GrowingContent(100);
    content.seal();
    expect(content).toMatchObject({ complete: true, length: 0, bytesHeld: 0 });
  });

  it('lets go of whole blocks that nobody will read again, and of no other', () => {
    const content = filled(new GrowingContent(), 3 * block + 5);
    content.releaseBefore(2 * block - 1);
    expect(content.bytesHeld).toBe(3 * block);
    expect(content.at(0)).toBeUndefined();
    expect(content.at(block)).toEqual(pattern(block, block));
    content.releaseBefore(content.length);
    expect(content.bytesHeld).toBe(block);
    expect(content.at(3 * block)).toEqual(pattern(5, 3 * block));
  });

  it('goes on growing after all of it was let go', () => {
    const content = filled(new GrowingContent(), block);
    content.releaseBefore(block);
    expect(content.bytesHeld).toBe(0);
    expect(content.growthFor(1)).toBe(block);
    filled(content, 10);
    expect(content.at(block)).toEqual(pattern(10, block));
  });

  it('foretells exactly what it will hold', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * block }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.option(fc.nat(2 * block), { nil: undefined }), sizes, (expected, appended) => {
        const content = new GrowingContent(expected);
        for (const size of appended) {
          const foretold = content.bytesHeld + content.growthFor(size);
          content.append(new Uint8Array(size));
          expect(content.bytesHeld).toBe(foretold);
          expect(content.bytesHeld).toBeGreaterThanOrEqual(content.length);
        }
        content.seal();
        expect(content.bytesHeld).toBe(content.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('whole content', () => {
  it('gives the run from any offset to its end', () => {
    const content = new WholeContent(pattern(10));
    expect(content).toMatchObject({ length: 10, complete: true });
    expect([content.at(0), content.at(9), content.at(10)]).toEqual([pattern(10), pattern(1, 9), undefined]);
    expect(new WholeContent(new Uint8Array(0)).at(0)).toBeUndefined();
  });
});
