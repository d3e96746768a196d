import { expect, it } from 'vitest';
import { flat } from '../../../src/http/flat-text.ts';

it.each([
  ['ASCII', '/a?b=1'],
  ['Latin-1', 'café'],
  ['more than that', '/日本?q=\u{1f4da}'],
  ['half a character', '\ud800/a'],
])('keeps text of %s as it is', (_what, text) => {
  expect(flat(text)).toBe(text);
});
