import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { responseFault } from '../../../src/origin/origin-response.ts';

const fault = (codings: 'refuse' | 'pass', ...values: string[]): boolean =>
  responseFault(
    { version: 'HTTP/1.1', status: 200, reason: 'OK' },
    fieldsOf(...values.map((value) => ['transfer-encoding', value] as const)),
    codings,
  ) !== undefined;

describe('a transfer coding that is not registered', () => {
  it('is refused unless told otherwise', () => {
    expect(fault('refuse', 'nonsense')).toBe(true);
    expect(fault('pass', 'nonsense')).toBe(false);
  });

  it.each(['gzip', 'x-gzip', 'compress', 'deflate', 'gzip, chunked', 'nonsense, chunked', 'non sense', ''])(
    'is not %j',
    (value) => {
      expect(fault('pass', value)).toBe(true);
    },
  );

  it('stands alone', () => {
    expect(fault('pass', 'nonsense', 'nonsense')).toBe(true);
    expect(fault('pass', 'chunked')).toBe(false);
  });
});
