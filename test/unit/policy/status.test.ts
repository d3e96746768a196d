import { describe, expect, it } from 'vitest';
import {
  isAboutTarget,
  isHeuristicallyCacheable,
  isNonError,
  isOriginError,
  isUnderstood,
  mayBeStored,
} from '../../../src/policy/status.ts';

const codes = Array.from({ length: 500 }, (_, i) => i + 100);

describe('status codes', () => {
  it('are heuristically cacheable as RFC 9110 §15.1 lists them', () => {
    expect(codes.filter(isHeuristicallyCacheable)).toEqual([
      200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501,
    ]);
  });

  it('may be stored when they are final and stand for themselves', () => {
    const refused = codes.filter((code) => code >= 200 && !mayBeStored(code));
    expect(refused).toEqual([304, 416, 428, 429, 431, 511]);
    expect(codes.filter((code) => code < 200 && mayBeStored(code))).toEqual([]);
    expect([0, 99, 600, 999].filter(mayBeStored)).toEqual([]);
  });

  it('tell of what lies at the target unless the server failed, or they are about the request alone', () => {
    const others = codes.filter((code) => !isAboutTarget(code));
    expect(others).toEqual([400, 408, 428, 429, 431, ...codes.filter((code) => code >= 500)]);
  });

  it('that are heuristically cacheable are understood', () => {
    expect(codes.filter((code) => isHeuristicallyCacheable(code) && !isUnderstood(code))).toEqual([]);
    expect([304, 418, 299, 599].filter(isUnderstood)).toEqual([]);
  });

  it('are errors of the origin as RFC 5861 §4 lists them', () => {
    expect(codes.filter(isOriginError)).toEqual([500, 502, 503, 504]);
  });

  it('are no errors from 200 to 399 (RFC 9111 §4.4)', () => {
    const found = codes.filter(isNonError);
    expect([found[0], found.at(-1), found.length]).toEqual([200, 399, 200]);
  });
});
