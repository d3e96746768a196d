import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { areTooManyTags, responseTags } from '../../../src/policy/tags.ts';

describe('the tags of a response', () => {
  it.each([
    ['Surrogate-Key has spaces between them', [['surrogate-key', 'a b  c']], ['a', 'b', 'c']],
    [
      'xkey has spaces between them, in any number of lines',
      [
        ['xkey', 'a'],
        ['xkey', 'b c'],
      ],
      ['a', 'b', 'c'],
    ],
    [
      'Cache-Tag has commas between them, and spaces inside',
      [['cache-tag', 'a, front page,b']],
      ['a', 'front page', 'b'],
    ],
    [
      'each counts once, whichever field names it',
      [
        ['cache-tag', 'a,b'],
        ['xkey', 'b a'],
      ],
      ['a', 'b'],
    ],
    [
      'empty ones are none',
      [
        ['cache-tag', ', ,'],
        ['surrogate-key', '  '],
      ],
      [],
    ],
  ] as const)('%s', (_claim, lines, tags) => {
    expect(responseTags(fieldsOf(['date', 'x'], ...lines))).toEqual(tags);
  });

  it('are too many beyond their number, or together longer than 16 KiB', () => {
    expect(areTooManyTags(['a', 'b'], 2)).toBe(false);
    expect(areTooManyTags(['a', 'b', 'c'], 2)).toBe(true);
    expect(areTooManyTags(['x'.repeat(16 * 1024)], 2)).toBe(false);
    expect(areTooManyTags(['x'.repeat(16 * 1024), 'y'], 2)).toBe(true);
  });
});
