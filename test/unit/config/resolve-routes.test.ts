import { describe, expect, it } from 'vitest';
import type { EtagereOptions, RouteOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';
import type { RouteSettings } from '../../../src/config/settings.ts';
import { presets } from '../../../src/policy/config.ts';

const origin = 'http://localhost:3000';

function routesOf(options: EtagereOptions): readonly RouteSettings[] {
  return settingsOf({ origin, ...options }).routes;
}

/** The first route of a configuration that has this one. */
function routeOf(route: RouteOptions, onTop: EtagereOptions = {}): RouteSettings | undefined {
  return routesOf({ ...onTop, routes: [route] })[0];
}

const bypassed = { path: '/a', cookie: ['session', 's_*'], header: ['X-Preview', 'X-Mode: dev*'] };

describe('routes', () => {
  it('are one for everything, where nothing is said', () => {
    expect(routesOf({})).toEqual([
      {
        name: 'default',
        match: { hosts: [], paths: [], methods: [] },
        origin: 'default',
        policy: presets.safe,
        stale: { whileRevalidate: 0, ifServerError: 0, ifUnreachable: 0, ifTooMany: 0 },
        ttl: undefined,
        key: { sortQuery: false, dropQuery: [], keepQuery: undefined, dropCookie: [] },
        bypass: { paths: [], cookies: [], fields: [] },
        requestFields: { remove: [], set: [], add: [] },
        responseFields: { remove: [], set: [], add: [] },
      },
    ]);
  });

  it('keep their order, and end with one for all that no other matches', () => {
    const routes = routesOf({ routes: [{ match: { path: '/b' } }, { match: { path: '/a' } }] });
    expect(routes.map(({ match }) => match.paths)).toEqual([['/b'], ['/a'], []]);
    expect(routesOf({ routes: [{ name: 'all' }] }).map(({ name }) => name)).toEqual(['all']);
  });

  it('match what one or several patterns say', () => {
    const match = { host: 'Shop.Example.COM:8443', path: ['/a/*', '*.png'], method: ['GET', 'POST'] };
    expect(routeOf({ match })?.match).toEqual({
      hosts: ['shop.example.com:8443'],
      paths: ['/a/*', '*.png'],
      methods: ['GET', 'POST'],
    });
  });

  it('are called by what they match, unless they are given a name', () => {
    const api = { match: { method: 'GET', host: '*.example.com', path: '/api/*' } };
    const names = routesOf({
      routes: [api, { ...api, match: { host: 'a' } }, api, { name: 'x', match: { path: '/' } }],
    });
    expect(names.map(({ name }) => name)).toEqual([
      'GET *.example.com/api/*',
      'a',
      'GET *.example.com/api/* (2)',
      'x',
      'default',
    ]);
  });

  it('have of what is said on top all that they do not say themselves', () => {
    const onTop: EtagereOptions = {
      preset: 'rfc',
      defaultTtl: '5m',
      staleIfError: '1h',
      key: { dropQuery: 'a' },
      ttl: 5,
    };
    expect(routeOf({}, onTop)).toMatchObject({
      policy: { ...presets.rfc, defaultTtl: 300, staleIfError: 3_600 },
      stale: { ifServerError: 3_600, ifUnreachable: 3_600 },
      key: { dropQuery: ['a'] },
      ttl: { lifetime: 5, force: false, notFound: undefined },
    });
    const own: RouteOptions = {
      preset: 'safe',
      defaultTtl: 0,
      staleIfError: { '5xx': '1s' },
      key: { sortQuery: true },
      ttl: { lifetime: '1d', force: true },
      staleBesideSMaxage: true,
    };
    expect(routeOf(own, onTop)).toMatchObject({
      policy: { ...presets.safe, defaultTtl: 0, staleIfError: 3_600, staleBesideSMaxage: true },
      stale: { ifServerError: 1, ifUnreachable: 3_600 },
      key: { sortQuery: true, dropQuery: [] },
      ttl: { lifetime: 86_400, force: true, notFound: undefined },
    });
  });

  it('serve stale by cause', () => {
    const stale = routeOf({ staleWhileRevalidate: '30s', staleIfError: { unreachable: '1d' } })?.stale;
    expect(stale).toEqual({ whileRevalidate: 30, ifServerError: 0, ifUnreachable: 86_400, ifTooMany: 0 });
  });

  it('know requests that bypass them', () => {
    expect(routeOf({ bypass: bypassed })?.bypass).toEqual({
      paths: ['/a'],
      cookies: ['session', 's_*'],
      fields: [
        { name: 'x-preview', value: undefined },
        { name: 'x-mode', value: 'dev*' },
      ],
    });
  });

  it('edit fields, and know which are secret', () => {
    const response = {
      remove: 'Server',
      set: { 'Content-Security-Policy': " default-src 'self' " },
      add: { Link: ['<a>', '<b>'] },
    };
    const route = routeOf({ headers: { request: { set: { 'X-Api-Key': 'k' } }, response } });
    expect(route?.requestFields.set).toEqual([{ name: 'x-api-key', value: 'k', secret: true }]);
    expect(route?.responseFields).toEqual({
      remove: ['server'],
      set: [{ name: 'content-security-policy', value: "default-src 'self'", secret: false }],
      add: [
        { name: 'link', value: '<a>', secret: false },
        { name: 'link', value: '<b>', secret: false },
      ],
    });
  });

  it('expand no variables in a program, which has them itself', () => {
    expect(routeOf({ headers: { request: { set: { 'X-A': '${HOME}' } } } })?.requestFields.set[0]?.value).toBe(
      '${HOME}',
    );
  });

  it.each<[string, RouteOptions]>([
    ['name: "a b" is no name', { name: 'a b' }],
    ['match.host: "http://a/b" is not a host; write a', { match: { host: 'http://a/b' } }],
    ['match.host: "*" is not a host; leave host out', { match: { host: '*' } }],
    ['match.host: "*x.com" is not a host; write "*.example.com"', { match: { host: '*x.com' } }],
    ['match.host: 80 is the default port, which is in no Host; write *.a', { match: { host: '*.a:80' } }],
    ['match.host: it is empty, and would match nothing', { match: { host: [] } }],
    ['match.path[1]: "b" begins with neither / nor *; write /b', { match: { path: ['/a', 'b'] } }],
    ['match.path: "/a?b" has a query or fragment', { match: { path: '/a?b' } }],
    [
      'match.path: "/ä b" has characters that no path has; percent-encode them: /%C3%A4%20b',
      { match: { path: '/ä b' } },
    ],
    ['match.method: "get" is in lower case', { match: { method: 'get' } }],
    ['match.method: "G T" is not a method', { match: { method: 'G T' } }],
    ['bypass.cookie: "a=1" is not the name of a cookie; write the name alone: a', { bypass: { cookie: 'a=1' } }],
    ['bypass.cookie: "a b" is not the name of a cookie; write a name like', { bypass: { cookie: 'a b' } }],
    ['bypass.header: "X-*" is not a request field', { bypass: { header: 'X-*' } }],
    ['bypass.header: "a: \u0001" has a value that no field has', { bypass: { header: 'a: \u0001' } }],
    ['key.dropCookie: "a=b" is not the name of a cookie', { key: { dropCookie: 'a=b' } }],
    ['key.dropQuery: it is beside keepQuery', { key: { dropQuery: 'a', keepQuery: 'b' } }],
    ['key.dropQuery[0]: "a=b" is not the name of a query parameter', { key: { dropQuery: ['a=b'] } }],
    ['ttl: "x" is not a duration', { ttl: 'x' }],
    ['ttl.lifetime: "x" is not a duration', { ttl: { lifetime: 'x' } }],
    ['staleIfError: "x" is not a duration', { staleIfError: 'x' }],
    ['staleIfError["5xx"]: "x" is not a duration', { staleIfError: { '5xx': 'x' } }],
    ['headers.request.remove: Via is written by Etagere itself', { headers: { request: { remove: 'Via' } } }],
    [
      'headers.response.set.Cache-Status: Cache-Status is written',
      { headers: { response: { set: { 'Cache-Status': '' } } } },
    ],
    ['headers.request.set.connection: connection is written', { headers: { request: { set: { connection: 'a' } } } }],
    [
      'headers.response.add.Vary: Vary is not to be edited: others decide by it; leave it out, or have the origin send it',
      { headers: { response: { add: { Vary: 'a' } } } },
    ],
    [
      'headers.request.remove: Cookie is not to be edited: others decide by it; leave it out; bypass sends such requests past the shelf',
      { headers: { request: { remove: 'Cookie' } } },
    ],
    [
      'headers.request.set.X-Forwarded-For: X-Forwarded-For is not',
      { headers: { request: { set: { 'X-Forwarded-For': 'a' } } } },
    ],
    ['headers.request.set["a b"]: "a b" is not the name of a field', { headers: { request: { set: { 'a b': 'a' } } } }],
    [
      'headers.request.set.a: it has characters that no field value has',
      { headers: { request: { set: { a: 'a\r\nb: c' } } } },
    ],
    ['origin: there is no origin "shop"; there are none yet', { origin: 'shop' }],
  ])('refuse routes[0].%s', (message, route) => {
    const refuse = () => settingsOf({ routes: [route], ...(route.origin === undefined ? { origin } : {}) });
    expect(refuse).toThrow(`routes[0].${message}`);
  });

  it('refuse a name that is given twice', () => {
    const routes = [{ name: 'a', match: { path: '/a' } }, { name: 'a' }];
    expect(() => routesOf({ routes })).toThrow('routes[1].name: another route is called a; give this one another name');
  });
});
