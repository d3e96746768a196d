import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/file.ts';
import { ConfigurationError, type Mistake } from '../../src/config/problems.ts';
import { shownSettings } from '../../src/config/shown.ts';
import { writeYaml } from '../../src/config/yaml-source.ts';

function read(text: string): ReturnType<typeof readConfig> {
  return readConfig({ name: 'x.yaml', folder: '/', text }, {}, {});
}

/** What is wrong with it; anything but mistakes is thrown on. */
function mistakesOf(text: string): readonly Mistake[] {
  try {
    read(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
}

/** Names that there are, in places where they are and where they are not. */
const names = `origin origins routes url path match host ttl lifetime key limits headers request set staleIfError 5xx
  ejection healthCheck default x __proto__ constructor`;
const name = fc.constantFrom('', ...names.split(/\s+/));

const leaf = fc.constantFrom<unknown>(
  'http://a',
  '/a/*',
  '5s',
  'x',
  'a b',
  '',
  '*',
  0,
  1,
  1.5,
  -1,
  1e21,
  true,
  false,
  null,
);

const anything = fc.letrec((again) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(again('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, again('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

function some<T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(of, { minLength: 1, maxLength: 3 });
}

describe('a configuration file', () => {
  it('is read or refused with the places of its mistakes, whatever it holds', () => {
    const found = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(fc.tuple(name, anything), { maxLength: 5 }), (pairs) => {
        const text = JSON.stringify({ origin: 'http://a', ...Object.fromEntries(pairs) });
        const mistakes = mistakesOf(text);
        found[mistakes.length === 0 ? 'read' : 'refused'] += 1;
        const isInside = ({ line = 0, column = 0 }: Mistake): boolean =>
          line === 1 && column >= 1 && column <= text.length;
        expect(mistakes.filter((mistake) => !isInside(mistake))).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(found.read).toBeGreaterThan(10);
    expect(found.refused).toBeGreaterThan(100);
  });

  it('is refused and nothing else where it is any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...' \n\t:-[]{}"\'*&!#%|>,?ab05'.split('')), maxLength: 40 }),
        (text) => {
          expect(() => read(text)).toThrow(ConfigurationError);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the settings again that it was made from', () => {
    const duration = fc
      .tuple(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom('s', 'm', 'h', 'd'))
      .map(([n, unit]) => `${n}${unit}`);
    const pattern = fc.constantFrom('/', '/a', '/a/*', '*.png', '/%41');
    const route = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'default'),
        match: fc.record(
          {
            path: some(pattern),
            host: fc.constantFrom('a', '*.b', '[::1]:81'),
            method: some(fc.constantFrom('GET', 'PUT')),
          },
          { requiredKeys: [] },
        ),
        origin: fc.constantFrom('api', 'http://inline', 'https://other:8443'),
        preset: fc.constantFrom('safe', 'rfc'),
        defaultTtl: duration,
        staleWhileRevalidate: duration,
        staleIfError: fc.oneof(duration, fc.record({ '5xx': duration, unreachable: duration }, { requiredKeys: [] })),
        staleBesideSMaxage: fc.boolean(),
        ttl: fc.oneof(duration, fc.record({ lifetime: duration, force: fc.boolean() }, { requiredKeys: ['lifetime'] })),
        key: fc.oneof(
          fc.record({ sortQuery: fc.boolean(), dropQuery: some(fc.constantFrom('a', 'utm_*')) }),
          fc.constant({ keepQuery: [] }),
        ),
        bypass: fc.record(
          { cookie: some(fc.constantFrom('s', 's_*')), header: fc.constant('X-A: b c') },
          { requiredKeys: [] },
        ),
        headers: fc.record({
          response: fc.constant({ remove: 'Server', set: { 'X-A': '1.0' }, add: { Link: ['a', 'b'] } }),
        }),
      },
      { requiredKeys: [] },
    );
    const config = fc.record(
      {
        origin: fc.constant('http://a'),
        origins: fc.constant({ api: { url: ['http://b', 'http://c'], headTimeout: '1500ms' } }),
        routes: fc.uniqueArray(route, { selector: ({ name: given }) => given ?? {}, maxLength: 4 }),
        defaultTtl: duration,
        preset: fc.constantFrom('safe', 'rfc'),
      },
      { requiredKeys: ['origin', 'origins'] },
    );
    fc.assert(
      fc.property(config, (each) => {
        const settings = read(JSON.stringify(each));
        expect(read(writeYaml(shownSettings(settings)))).toEqual(settings);
      }),
      { numRuns: 150 },
    );
  });
});
