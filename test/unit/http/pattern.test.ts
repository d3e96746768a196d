import { describe, expect, it } from 'vitest';
import { anyPattern, pattern } from '../../../src/http/pattern.ts';

describe('a pattern', () => {
  it.each<[string, string]>([
    ['/a', '/a'],
    ['/a/*', '/a/'],
    ['/a/*', '/a/b/c'],
    ['*', ''],
    ['*', '/a'],
    ['*.png', '/x/y.png'],
    ['/*/x/*', '/a/b/x/c'],
    ['a*a', 'aa'],
    ['*a*b*', 'xaxbx'],
    ['**', 'x'],
    ['/a/*', '/a/*/b'],
    ['utm_*', 'utm_source'],
  ])('%s matches %s', (written, text) => {
    expect(pattern(written)(text)).toBe(true);
  });

  it.each<[string, string]>([
    ['/a', '/a/'],
    ['/a', '/A'],
    ['/a/*', '/a'],
    ['/a/*', '/ab'],
    ['*.png', '/x.png.exe'],
    ['a*a', 'a'],
    ['*a*b*', 'xbxa'],
    ['ab*bc', 'abc'],
    ['a*b*b', 'ab'],
    ['/a/b', '/a/*'],
    ['', 'x'],
  ])('%s does not match %s', (written, text) => {
    expect(pattern(written)(text)).toBe(false);
  });
});

describe('several patterns', () => {
  it('match what one of them matches, and none of them nothing', () => {
    expect(anyPattern(['/a', '/b*'])('/bc')).toBe(true);
    expect(anyPattern(['/a', '/b*'])('/c')).toBe(false);
    expect(anyPattern([])('')).toBe(false);
  });
});
