import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable } from '../../../src/errors.ts';
import { isToken } from '../../../src/http/fields.ts';
import { errorDetail } from '../../../src/policy/decision.ts';

describe('the detail of an error in Cache-Status', () => {
  it('is its code in kebab-case', () => {
    expect(errorDetail('ORIGIN_REFUSED')).toBe('origin-refused');
    expect(errorDetail('ONLY_IF_CACHED')).toBe('only-if-cached');
    expect(errorDetail('INTERNAL')).toBe('internal');
  });

  it('is a token, another for each code', () => {
    const details = (Object.keys(errorTable) as ErrorCode[]).map(errorDetail);
    expect(details.every(isToken)).toBe(true);
    expect(new Set(details).size).toBe(details.length);
  });
});
