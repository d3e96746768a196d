import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { gate, type RawHead } from '../../../src/listener/gate.ts';

/** Mostly what is plausible, so that enough heads pass to be looked at. */
const mostly = (odd: fc.Arbitrary<string>, ...plausible: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...plausible) }, { weight: 1, arbitrary: odd });
describe('any head at all', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('a', 'G', '/', '.', '%', '2', 'e', ':', '[', ']', '@', '?', '#', ' ', ',', '_', '-'),
      maxLength: 12,
    }),
  );
  const line = fc.tuple(
    mostly(text, 'X', 'Connection', 'host', 'Content-Length', 'Transfer-Encoding', 'Expect', 'content_length'),
    mostly(text, 'x', '3', 'a.test', 'chunked', '100-continue'),
  );
  const anyHead: fc.Arbitrary<RawHead> = fc.record({
    method: mostly(text, 'GET', 'POST', 'OPTIONS', 'GET', 'TRACE', 'get'),
    target: fc.oneof(
      mostly(text, '/', '*', 'http://a.test/x', 'http://a.test'),
      text.map((path) => `/${path}`),
    ),
    version: mostly(text, '1.0', '1.1'),
    fields: fc
      .tuple(
        mostly(text, 'Host', 'Host', 'host', 'X'),
        mostly(text, 'a.test', 'A.test:80'),
        fc.array(line, { maxLength: 3 }),
      )
      .map(([name, value, lines]) => [name, value, ...lines.flat()]),
    scheme: fc.constantFrom('http', 'https'),
    localAuthority: fc.constant('127.0.0.1:8080'),
  });

  it('is refused or well-formed, and never makes the gate throw', () => {
    let passed = 0;
    fc.assert(
      fc.property(anyHead, (raw) => {
        const gated = gate(raw, defaultLimits);
        if (!gated.ok) return;
        passed++;
        const count = (wanted: string): number =>
          raw.fields.filter((n, i) => i % 2 === 0 && n.toLowerCase() === wanted).length;
        expect(gated.request.method).toMatch(/^[A-Z0-9!#$%&'*+\-.^_`|~]+$/);
        expect(gated.request.target).toMatch(/^(?:\*|\/[!$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*)$/);
        expect(gated.request.target.split('?')[0]?.split('/')).not.toContain('..');
        expect(gated.request.authority).toMatch(/^(?:\[[0-9a-f:.]+\]|[0-9a-z._~-]+)(?::[1-9][0-9]*)?$/);
        expect(count('host')).toBeLessThanOrEqual(1);
        expect(count('host') === 1 || raw.version === '1.0').toBe(true);
        expect(count('content-length') + count('transfer-encoding')).toBeLessThanOrEqual(1);
        for (const [i, part] of raw.fields.entries())
          expect(part).toMatch(i % 2 === 0 ? /^[!-9;-~]+$/ : /^[\t -~\u0080-\u00ff]*$/);
      }),
      { numRuns: 3_000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});
