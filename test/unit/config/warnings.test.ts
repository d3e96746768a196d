import { describe, expect, it } from 'vitest';
import type { EtagereOptions, MatchOptions, RouteOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';
import { warningsOf } from '../../../src/config/warnings.ts';

const origin = 'http://localhost:3000';

function warnings(options: EtagereOptions): string[] {
  return warningsOf(settingsOf({ origin, ...options }));
}

function shadows(first: MatchOptions, second: MatchOptions): boolean {
  const found = warnings({
    routes: [
      { name: 'first', match: first },
      { name: 'second', match: second },
    ],
  });
  expect(found.length).toBeLessThan(2);
  return found.includes('route second is never reached: first, which comes before it, matches all of its requests');
}

describe('a route that is never reached', () => {
  it.each<[MatchOptions, MatchOptions]>([
    [{ path: '/a/*' }, { path: '/a/b/*' }],
    [{ path: '/a/*' }, { path: '/a/*', host: 'a' }],
    [{ path: ['/a', '/b*'] }, { path: ['/b', '/a'] }],
    [{ host: '*.example.com' }, { host: ['a.example.com', '*.b.example.com:81'] }],
    [{ method: ['GET', 'POST'] }, { method: 'HEAD' }],
  ])('is one behind another that matches as much: %j before %j', (first, second) => {
    expect(shadows(first, second)).toBe(true);
  });

  it.each<[MatchOptions, MatchOptions]>([
    [{ path: '/a/b/*' }, { path: '/a/*' }],
    [{ path: '/a/*', host: 'a' }, { path: '/a/*' }],
    [{ path: '/a' }, { path: ['/a', '/b'] }],
    [{ host: 'a:81' }, { host: 'a' }],
    [{ host: 'example.com' }, { host: '*.example.com' }],
    [{ method: 'HEAD' }, { method: 'GET' }],
    [{ method: 'GET' }, { path: '/a' }],
  ])('is none where something is left for it: %j before %j', (first, second) => {
    expect(shadows(first, second)).toBe(false);
  });

  it('is every one behind a route without match', () => {
    expect(warnings({ routes: [{ name: 'all' }, { match: { path: '/a' } }] })).toEqual([
      'route /a is never reached: all, which comes before it, matches all of its requests',
    ]);
  });
});

/** The warnings where the route `api` has another origin than the others. */
function besideApi(match: MatchOptions, others: readonly RouteOptions[]): string[] {
  return warnings({ routes: [{ name: 'api', match, origin: 'http://api' }, ...others] });
}

describe('methods that a route leaves out', () => {
  it.each<[MatchOptions, readonly RouteOptions[], string]>([
    [{ path: '/api/*', method: 'GET' }, [], 'GET alone: other methods at the same paths go to default'],
    [
      { path: '/api/*', method: ['GET', 'HEAD'] },
      [{ name: 'pages', match: { path: '/*' } }],
      'GET, HEAD alone: other methods at the same paths go to pages',
    ],
  ])('are told where they go to another origin: %j', (match, others, text) => {
    expect(besideApi(match, others)).toEqual([`route api takes ${text}, which has another origin`]);
  });

  it.each<[MatchOptions, readonly RouteOptions[]]>([
    [{ path: '/api/*' }, []],
    [{ path: '/api/*', method: 'GET' }, [{ name: 'writes', match: { path: '/api/*' }, origin: 'http://api' }]],
    [
      { path: '/api/*', method: 'POST' },
      [{ name: 'reads', match: { path: '/api/*', method: 'GET' }, origin: 'http://api' }],
    ],
  ])('are no matter where nothing is left out, or the same origin has them: %j', (match, others) => {
    expect(besideApi(match, others)).toEqual([]);
  });
});

describe('warnings', () => {
  it('are none where nothing is odd', () => {
    expect(warnings({ ttl: '1h', routes: [{ match: { path: ['/', '/a/*'] } }] })).toEqual([]);
  });

  it('are about a ttl that is forced', () => {
    expect(warnings({ ttl: { lifetime: '1h', force: true } })).toEqual([
      'route default forces its ttl: what is private or no-store, or sets cookies, is stored too, and one client may get what was made for another',
    ]);
  });

  it('are about paths that look like folders', () => {
    const routes = [{ name: 'a', match: { path: '/a/' }, bypass: { path: '/b/' } }];
    expect(warnings({ routes })).toEqual([
      'route a: /a/ is that path alone; write /a/* for what is below it',
      'route a: /b/ is that path alone; write /b/* for what is below it',
    ]);
  });

  it('are about origins that nobody uses', () => {
    expect(warnings({ origins: { api: 'http://api' } })).toEqual(['origin api is used by no route']);
  });
});

function bounds(store: string): string {
  return `disk bounds nothing: it is for a store disk:DIRECTORY, and store is ${store}`;
}

describe('the size of a shelf on a disk', () => {
  it('bounds nothing where there is none', () => {
    expect(warnings({ disk: '1gb' })).toEqual([bounds('memory')]);
    expect(warnings({ disk: '1gb', store: 'redis://127.0.0.1' })).toEqual([bounds('redis')]);
    expect(warnings({ disk: '1gb', store: 'disk:/shelf' })).toEqual([]);
    expect(warnings({ store: 'redis://127.0.0.1' })).toEqual([]);
  });
});
