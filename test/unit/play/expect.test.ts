import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { readExpectations } from '../../../src/play/attachments.ts';
import { contentText, firstMismatch } from '../../../src/play/expect.ts';

const member = 'etagere; fwd=stale; fwd-status=304; collapsed=?0; detail=a-word';

const seen = {
  fields: fieldsOf(
    ['age', '7'],
    ['link', 'a'],
    ['link', 'b'],
    ['date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['cache-status', `elsewhere; hit, ${member}`],
  ),
  content: Buffer.from('one'),
};

function refuse(): never {
  throw new Error('not an expectation');
}

function mismatch(lines: readonly string[], statusFields = true): unknown {
  const expectations = readExpectations(
    lines.map((text, index) => ({ number: index + 1, text })),
    refuse,
  );
  return firstMismatch(expectations, seen, { instants: { start: 0, now: 5_000 }, statusFields, ageSlack: 0 });
}

describe('expectations that are met', () => {
  it.each([
    [['age: 7']],
    [['age: >= 7', 'AGE: > 6', 'age: <= 7', 'age: < 8']],
    [['link: a, b']],
    [['link: a', 'link: b']],
    [['has link', 'no etag', 'link contains b']],
    [['date: start']],
    [['date: now-5s']],
    [['body one']],
    [['cache-status: fwd-status=304; fwd=stale']],
    [['cache-status: not hit; not stored; not collapsed; detail=a-word']],
  ])('%j', (lines) => {
    expect(mismatch(lines)).toBeUndefined();
  });
});

describe('expectations that are not met', () => {
  it.each([
    ['age: 8', 'age: 8', 'age: 7'],
    ['age: > 7', 'age: > 7', 'age: 7'],
    ['age: >= 8', 'age: >= 8', 'age: 7'],
    ['age: < 7', 'age: < 7', 'age: 7'],
    ['age: <= 6', 'age: <= 6', 'age: 7'],
    ['link: > 1', 'link: > 1', 'link: a, b'],
    ['etag: "v1"', 'etag: "v1"', 'no etag'],
    ['etag: > 1', 'etag: > 1', 'no etag'],
    ['etag:', 'etag: ', 'no etag'],
    ['link: a', 'link: a', 'link: a and link: b'],
    ['has etag', 'a field etag', 'no etag'],
    ['no link', 'no field link', 'link: a, b'],
    ['link contains c', 'link containing c', 'link: a, b'],
    ['date: now', 'date: Thu, 01 Jan 1970 00:00:05 GMT', 'date: Thu, 01 Jan 1970 00:00:00 GMT'],
    ['body two', 'body two', 'body one'],
    ['no body', 'body (empty)', 'body one'],
    ['cache-status: hit', 'cache-status: hit', `cache-status: ${member}`],
    ['cache-status: fwd=uri-miss', 'cache-status: fwd=uri-miss', `cache-status: ${member}`],
    ['cache-status: fwd=stale; not fwd-status', 'cache-status: fwd=stale; not fwd-status', `cache-status: ${member}`],
    ['cache-status: collapsed', 'cache-status: collapsed', `cache-status: ${member}`],
  ])('%s', (line, expected, got) => {
    expect(mismatch([line])).toEqual({ expected, got });
  });

  it('several lines in another order', () => {
    expect(mismatch(['link: b', 'link: a'])).toEqual({ expected: 'link: b and link: a', got: 'link: a and link: b' });
  });

  it('one line split in two', () => {
    expect(mismatch(['age: 7', 'age: 7'])).toEqual({ expected: 'age: 7 and age: 7', got: 'age: 7' });
  });
});

it.each([
  'cache-status: hit',
  'cache-status contains etagere',
  'no cache-status',
  'proxy-status contains etagere',
  'has proxy-status',
])('leaves the words of another cache about itself alone: %s', (line) => {
  expect(mismatch([line], false)).toBeUndefined();
});

it('shows long content by its length and its beginning', () => {
  expect(contentText(Buffer.alloc(500, 'ab'))).toBe(`500 bytes that begin with ${'ab'.repeat(40)}`);
});

function aged(age: string, line: string, ageSlack: number): unknown {
  const expectations = readExpectations([{ number: 1, text: line }], refuse);
  const message = { fields: fieldsOf(['age', age]), content: Buffer.from('') };
  return firstMismatch(expectations, message, { instants: { start: 0, now: 0 }, statusFields: false, ageSlack });
}

describe('where time passes by itself', () => {
  it.each(['6', '7', '8'])('an Age of %s is nearly 7', (age) => {
    expect(aged(age, 'age: 7', 1)).toBeUndefined();
  });

  it.each(['5', '9', 'x', '7, 7'])('an Age of %s is not', (age) => {
    expect(aged(age, 'age: 7', 1)).toEqual({ expected: 'age: 7', got: `age: ${age}` });
  });

  it('an Age of a second more is still more where there is no slack', () => {
    expect(aged('8', 'age: 7', 0)).toEqual({ expected: 'age: 7', got: 'age: 8' });
  });
});

it('shows content in one line', () => {
  expect(contentText(Buffer.from('<html>\r\n <head>'))).toBe('<html> <head>');
});
