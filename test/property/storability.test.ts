import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachField, fieldLines } from '../../src/http/fields.ts';
import { answerHead, ourStorability, requestHead } from '../differential/answers.ts';
import { scenarios } from '../differential/generator.ts';
import { type Control, type Directive, plain, type Scenario } from '../differential/scenario.ts';

/**
 * RFC 9111 §3 read as a checklist for a shared cache, on its own and only towards forbidding: whatever could be read as a prohibition is one.
 */
function forbiddenBy({ original, response }: Scenario): string | undefined {
  const request = membersOf(fieldLines(requestHead(original).fields, 'cache-control'));
  const { status, fields } = answerHead(response);
  const control = membersOf(fieldLines(fields, 'cache-control'));
  const has = (name: string): boolean => control.some((member) => member.name === name);
  const understood = definedFinal.has(status);
  if (request.some(({ name }) => name === 'no-store')) return 'no-store in the request';
  if (status < 200 || status > 599) return 'not final';
  if (status === 304) return 'a 304 is no response by itself';
  if (has('must-understand') && !understood) return 'must-understand';
  if (has('no-store') && !has('must-understand')) return 'no-store';
  if (control.some(({ name, argument }) => name === 'private' && !namesFields(argument))) return 'private';
  const allowsSharing = has('must-revalidate') || has('public') || has('s-maxage');
  if (original.authorized && !allowsSharing) return 'Authorization';
  const lifetime = has('max-age') || has('s-maxage') || fieldLines(fields, 'expires').length > 0;
  if (!lifetime && !has('public') && !heuristicallyCacheable.has(status)) return 'nothing allows it';
  return undefined;
}

/** RFC 9110 §15: final, defined, and of which a cache needs to know no more than that. */
const definedFinal = new Set(
  '200 201 202 203 204 205 300 301 302 303 305 307 308 400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 421 422 426 500 501 502 503 504 505'
    .split(' ')
    .map(Number),
);

/** RFC 9110 §15.1. */
const heuristicallyCacheable = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);

interface DirectiveText {
  readonly name: string;
  readonly argument: string;
}

/** Every directive that a value holds outside of strings that are closed; what stands after an open quote counts as well. */
function membersOf(lines: readonly string[]): DirectiveText[] {
  const strings: string[] = [];
  const text = lines
    .join(',')
    .replace(
      /"((?:[^"\\]|\\[\s\S])*)"/g,
      (_all, inside: string) => `<${strings.push(inside.replace(/\\([\s\S])/g, '$1')) - 1}>`,
    );
  return text.split(',').map((member) => {
    const [name = '', ...rest] = member.split('=');
    const argument = rest.join('=').trim();
    return { name: name.trim().toLowerCase(), argument: strings[Number(/^<(\d+)>$/.exec(argument)?.[1])] ?? argument };
  });
}

/** Whether an argument of `private` is a list of field names, and so is about them alone. */
function namesFields(argument: string): boolean {
  return argument.split(',').some((name) => name.trim() !== '') && /^[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*$/.test(argument);
}

/** Anything at all in Cache-Control, most of it near to a prohibition. */
const wildControl: fc.Arbitrary<Control> = fc
  .array(
    fc.oneof(
      fc.constantFrom('no-store', 'No-Store', 'private', 'PRIVATE', 'public', 's-maxage', 'max-age', 'must-understand'),
      fc.constantFrom('x', '=', '"', '\\', ',', ', ', ' ', '\t', '60', '\xff', '\0'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => [{ kind: 'broken', text: parts.join('') }]);

const wild = fc
  .tuple(scenarios, wildControl, fc.option(wildControl, { nil: undefined }))
  .map(([scenario, control, requestControl]) => ({
    ...scenario,
    original: { ...scenario.original, control: requestControl },
    response: { ...scenario.response, control },
  }));

describe('what RFC 9111 §3 forbids to store', () => {
  it.each([
    ['in plausible messages', scenarios, 1_500],
    ['in wild ones', wild, 1_500],
  ] as const)('is not stored: %s', (_what, arbitrary, numRuns) => {
    const counts = { forbidden: 0, stored: 0 };
    fc.assert(
      fc.property(arbitrary, (generated) => {
        // A targeted field takes the place of Cache-Control; here it is about Cache-Control.
        const scenario = { ...generated, response: { ...generated.response, targeted: undefined } };
        const judged = ourStorability(scenario);
        const forbidden = forbiddenBy(scenario);
        counts.forbidden += Number(forbidden !== undefined);
        counts.stored += Number(judged.storable);
        expect(forbidden === undefined || !judged.storable, forbidden).toBe(true);
        // RFC 9111 §3.3: never as if it were the whole.
        const whole = judged.storable && judged.stored.extent === undefined;
        expect(whole && scenario.response.status === 206).toBe(false);
      }),
      { numRuns },
    );
    expect(counts.forbidden).toBeGreaterThan(numRuns / 50);
    expect(counts.stored).toBeGreaterThan(numRuns / 50);
  });

  it('is not stored in a part of a response: the fields that private names', () => {
    const named = fc.subarray(['ETag', 'last-modified', 'Set-Cookie', 'pragma', 'x-other'], { minLength: 1 });
    let stored = 0;
    fc.assert(
      fc.property(scenarios, named, (generated, names) => {
        const about: Directive = { ...plain('private'), argument: { value: names.join(', '), form: 'quoted' } };
        const control = [plain('public'), about, plain('max-age', 3600)];
        const response = { ...generated.response, setCookie: true, targeted: undefined, control };
        const judged = ourStorability({ ...generated, response });
        if (!judged.storable) return;
        stored++;
        const kept = new Set([...eachField(judged.stored.fields)].map(([name]) => name));
        for (const name of ['age', ...names]) expect(kept).not.toContain(name.toLowerCase());
        expect(kept).toContain('cache-control');
      }),
      { numRuns: 500 },
    );
    expect(stored).toBeGreaterThan(100);
  });
});
