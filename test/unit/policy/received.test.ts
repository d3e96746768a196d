import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { isCloseDelimited } from '../../../src/http/message.ts';
import { withDate } from '../../../src/policy/received.ts';
import { date, get, type Line, wall } from './messages.ts';

const received = (...lines: readonly Line[]): readonly string[] =>
  withDate({ status: 200, fields: fieldsOf(['x', '1'], ...lines) }, wall).fields;

describe('the Date of a response that arrives (RFC 9110 §6.6.1)', () => {
  it('is the one it came with', () => {
    expect(received(['date', date(-3600)])).toEqual(['x', '1', 'date', date(-3600)]);
  });

  it('is left as it was written in any of the three forms', () => {
    expect(received(['date', 'Sunday, 06-Nov-94 08:49:37 GMT'])).toContain('Sunday, 06-Nov-94 08:49:37 GMT');
  });

  it.each([[[]], [[['date', 'today']]], [[['date', '']]], [[['date', 'x'] as const, ['date', date(-5)] as const]]])(
    'is the time of receipt where that can not be read: %j',
    (lines) => {
      expect(received(...(lines as readonly Line[]))).toEqual(['x', '1', 'date', date()]);
    },
  );
});

describe('a response whose end only its connection tells (RFC 9112 §6.3)', () => {
  it.each<[number, readonly Line[], boolean]>([
    [200, [], true],
    [200, [['transfer-encoding', 'odd']], true],
    [200, [['transfer-encoding', 'Chunked']], false],
    [200, [['content-length', '3']], false],
    [206, [['content-range', 'bytes 0-2/9']], false],
    [204, [], false],
    [304, [], false],
  ])('%d with %j: %j', (status, lines, expected) => {
    expect(isCloseDelimited(get(), { status, fields: fieldsOf(...lines) })).toBe(expected);
  });

  it('is none to HEAD', () => {
    expect(isCloseDelimited({ ...get(), method: 'HEAD' }, { status: 200, fields: fieldsOf() })).toBe(false);
  });
});
