import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../../src/engine/events.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { combinedLine, combinedRefusal, combinedStamps } from '../../../src/observe/combined-line.ts';
import { exchange } from './records.ts';

const stamp = '[02/Jan/2026:03:04:05 +0000]';

type Line = readonly [name: string, value: string];

function lineOf(change: Partial<ExchangeRecord> = {}, target = '/a', ...lines: Line[]): string {
  const record = exchange(change, target);
  return combinedLine({ ...record, request: { ...record.request, fields: fieldsOf(...lines) } }, 'etagere', stamp);
}

/** The parts of a line, read as those programs do that are strict. */
const pattern =
  /^(\S+) - - \[([^\]]+)\] "((?:[^"\\\n]|\\.)*)" (\d{3}) (\d+|-) "((?:[^"\\\n]|\\.)*)" "((?:[^"\\\n]|\\.)*)" "((?:[^"\\\n]|\\.)*)"\n$/;

describe('a line in the combined format', () => {
  it('has what programs expect, and Cache-Status at its end', () => {
    const line = lineOf({}, '/a?b', ['referer', 'http://x.example/'], ['user-agent', 'curl/8.5.0']);
    expect(line).toBe(
      `192.0.2.7 - - ${stamp} "GET /a?b HTTP/1.1" 200 100 "http://x.example/" "curl/8.5.0" "etagere; hit; ttl=9"\n`,
    );
  });

  it('has a hyphen for what is not there', () => {
    expect(lineOf({ contentBytes: 0, status: 304 })).toContain('" 304 - "-" "-" "etagere;');
  });

  it('has the status of nginx for a client that left before there was one', () => {
    expect(lineOf({ status: 0, end: 'client-left', contentBytes: 0 })).toContain('" 499 - ');
  });

  it('has no secrets, neither of the target nor of the referrer', () => {
    const line = lineOf({}, '/a?token=1', ['referer', 'http://x.example/?api_key=2']);
    expect(line).toContain('"GET /a?token=[redacted] HTTP/1.1"');
    expect(line).toContain('"http://x.example/?api_key=[redacted]"');
  });

  it('writes quotes, backslashes and bytes that are no ASCII as Apache does', () => {
    const line = lineOf({}, '/a', ['user-agent', 'a" 200 "\\\u00c3\u00a9\t']);
    expect(line).toContain('"a\\" 200 \\"\\\\\\xc3\\xa9\\x09"');
  });

  it('has nothing in it that ends a quoted text or a line early, whatever clients send', () => {
    const bytes = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(bytes, bytes, bytes, (target, referer, agent) => {
        const line = lineOf({}, `/${target}`, ['referer', referer], ['user-agent', agent]);
        expect(line).toMatch(pattern);
      }),
    );
  });

  it('for a refused request has nothing that the client sent', () => {
    const refusal = { error: 'REQUEST_HOST_INVALID', reason: 'no Host', status: 400 } as const;
    const line = combinedRefusal({ ...refusal, client: { address: '::1' } }, stamp);
    expect(line).toBe(`::1 - - ${stamp} "-" 400 - "-" "-" "REQUEST_HOST_INVALID"\n`);
    expect(line).toMatch(pattern);
  });

  it('has the time of the second', () => {
    const now = { ms: Date.UTC(2026, 0, 2, 3, 4, 5, 999) };
    const stamps = combinedStamps(() => now.ms);
    expect([stamps(), stamps()]).toEqual([stamp, stamp]);
    now.ms = Date.UTC(2026, 11, 31, 23, 59, 59);
    expect(stamps()).toBe('[31/Dec/2026:23:59:59 +0000]');
  });
});
