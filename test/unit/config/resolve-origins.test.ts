import { describe, expect, it } from 'vitest';
import type { EtagereOptions, OriginOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';
import type { OriginSettings } from '../../../src/config/settings.ts';

const url = 'http://localhost:3000';

function originOf(options: Omit<OriginOptions, 'url'> & Partial<OriginOptions>): OriginSettings | undefined {
  return settingsOf({ origin: { url, ...options } }).origins[0];
}

/** Name and first URL of each origin, and the origin of each route. */
function wiring(options: EtagereOptions): [origins: string[], routes: string[]] {
  const { origins, routes } = settingsOf(options);
  return [origins.map(({ name, servers }) => `${name} ${servers[0]?.url}`), routes.map(({ origin }) => origin)];
}

describe('origins', () => {
  it('are one called default, where only a URL is given', () => {
    expect(originOf({})).toEqual({
      name: 'default',
      servers: [{ url, weight: 1 }],
      preserveHost: false,
      connections: 64,
      queue: 1_024,
      queueTimeoutMs: 5_000,
      connectTimeoutMs: 5_000,
      headTimeoutMs: 30_000,
      bodyTimeoutMs: 30_000,
      headBytes: 65_536,
      interimResponses: 32,
      ejection: undefined,
      healthCheck: undefined,
      tls: { ca: undefined, certificate: undefined, serverName: undefined },
    });
  });

  it('have what limits say, unless they say it themselves', () => {
    const limits = { originConnections: 2, originHeadTimeoutMs: 1_500 };
    const { origins } = settingsOf({
      preserveHost: true,
      limits,
      origin: { url, headTimeout: 2, queue: '7', headSize: '2kb', interimResponses: 0 },
    });
    expect(origins[0]).toMatchObject({
      connections: 2,
      headTimeoutMs: 2_000,
      queue: 7,
      headBytes: 2_048,
      interimResponses: 0,
      preserveHost: true,
    });
    expect(originOf({ preserveHost: false })?.preserveHost).toBe(false);
  });

  it('may have several servers with weights, which are let go where they fail', () => {
    expect(originOf({ url: ['http://a', { url: 'http://b:81', weight: 3 }] })).toMatchObject({
      servers: [
        { url: 'http://a', weight: 1 },
        { url: 'http://b:81', weight: 3 },
      ],
      ejection: { failures: 5, withinMs: 10_000, forMs: 30_000 },
    });
    expect(originOf({ url: ['http://a', 'http://b'], ejection: false })?.ejection).toBeUndefined();
    expect(originOf({ ejection: { failures: 1, for: '1m' } })?.ejection).toEqual({
      failures: 1,
      withinMs: 10_000,
      forMs: 60_000,
    });
  });

  it('may be asked for their health', () => {
    expect(originOf({ healthCheck: { path: '/healthz' } })?.healthCheck).toEqual({
      path: '/healthz',
      intervalMs: 10_000,
      timeoutMs: 2_000,
      statuses: [[200, 299]],
      healthyAfter: 2,
      unhealthyAfter: 3,
    });
    const status = [204, '3xx', '401-403'];
    expect(originOf({ healthCheck: { path: '/', status } })?.healthCheck?.statuses).toEqual([
      [204, 204],
      [300, 399],
      [401, 403],
    ]);
  });

  it.each<[string, EtagereOptions, [string[], string[]]]>([
    ['the only one', { origins: { api: url } }, [[`api ${url}`], ['api']]],
    [
      'that on top',
      { origin: url, origins: { api: 'http://api' }, routes: [{}] },
      [['api http://api', `default ${url}`], ['default']],
    ],
    [
      'the name on top',
      { origin: 'b', origins: { a: 'http://a', b: 'http://b' } },
      [['a http://a', 'b http://b'], ['b']],
    ],
    [
      'a name of its own',
      { origin: url, origins: { a: 'http://a' }, routes: [{ origin: 'a' }] },
      [['a http://a', `default ${url}`], ['a']],
    ],
    [
      'a URL of its own, one origin for all who say it',
      {
        routes: [
          { match: { path: '/a' }, origin: 'http://a' },
          { match: { path: '/b' }, origin: 'http://a/' },
          { origin: url },
        ],
      },
      [
        ['http://a http://a', `${url} ${url}`],
        ['http://a', 'http://a', url],
      ],
    ],
  ])('are used by a route: %s', (_, options, expected) => {
    expect(wiring(options)).toEqual(expected);
  });

  it.each<[string, EtagereOptions]>([
    ['origin: it is missing', { routes: [{}] }],
    ['origin: there is no origin "apo"; did you mean api?', { origin: 'apo', origins: { api: url } }],
    [
      'origin: there is no origin "shop"; the origins are api; or write a URL',
      { origin: 'shop', origins: { api: url } },
    ],
    ['origin: "localhost" has no scheme; write http://localhost', { origin: 'localhost', origins: { api: url } }],
    ['origins["a.b"]: "a.b" is no name', { origin: url, origins: { 'a.b': url } }],
    ['origins.default: the origin on top has that name', { origin: url, origins: { default: url } }],
    ['origins.a: "x:1" has no scheme', { origins: { a: 'x:1' } }],
    ['origins.a.url[0]: it has a path', { origins: { a: { url: ['http://a/b'] } } }],
    ['origins.a.url: it is empty', { origins: { a: { url: [] } } }],
    ['origins.a.url: http://a is there twice', { origins: { a: { url: ['http://a', 'http://a'] } } }],
    [
      'origins.a.url[0].weight: 1001 is too large; take 1 to 1000',
      { origins: { a: { url: [{ url, weight: 1_001 }] } } },
    ],
    ['origin.connections: 0 is too small; take 1 or more', { origin: { url, connections: 0 } }],
    ['origin.headTimeout: "0" is too short; take 1ms to 24d', { origin: { url, headTimeout: '0' } }],
    ['origin.bodyTimeout: "25d" is too long', { origin: { url, bodyTimeout: '25d' } }],
    ['origin.headSize: "1" is too small; give it 1kb or more', { origin: { url, headSize: '1' } }],
    [
      'origin.ejection: true is not what it takes; give it false or an object',
      { origin: { url, ejection: true as unknown as false } },
    ],
    ['origin.ejection.failures: 0 is too small', { origin: { url, ejection: { failures: 0 } } }],
    ['origin.healthCheck.path: "x" is not a path', { origin: { url, healthCheck: { path: 'x' } } }],
    [
      'origin.healthCheck.interval: "1ms" is too short; take 100ms to',
      { origin: { url, healthCheck: { path: '/', interval: '1ms' } } },
    ],
    [
      'origin.healthCheck.status: "100" is no final status',
      { origin: { url, healthCheck: { path: '/', status: 100 } } },
    ],
    [
      'origin.healthCheck.status[0]: "300-200" is no final',
      { origin: { url, healthCheck: { path: '/', status: ['300-200'] } } },
    ],
    ['origin.healthCheck.status: it is empty', { origin: { url, healthCheck: { path: '/', status: [] } } }],
    ['routes: a request that no route matches has no origin', { origins: { a: 'http://a', b: 'http://b' } }],
    [
      'routes[0].origin: it is missing; name one of the origins: a, b',
      { origins: { a: 'http://a', b: 'http://b' }, routes: [{ match: { path: '/' } }, { origin: 'a' }] },
    ],
    ['listen: it is empty', { origin: url, listen: [] }],
    ['listen: 127.0.0.1:80 is there twice', { origin: url, listen: [80, '127.0.0.1:80'] }],
  ])('refuse: %s', (message, options) => {
    expect(() => settingsOf(options)).toThrow(message);
  });

  it('tell all that is wrong', () => {
    expect(() => settingsOf({ origin: 'x', memory: '1', preset: 'fast' as 'safe' })).toThrow('preset: ');
    expect(() => settingsOf({ origin: 'x', memory: '1' })).toThrow(
      '2 options are wrong:\n  memory: "1" is too small for a shelf; give it 64kb or more: a number alone is bytes\n  origin: "x" has no scheme; write http://x',
    );
  });
});
