import { describe, expect, it } from 'vitest';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { UsageError } from '../../../src/config/usage-error.ts';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';

const origin = 'http://localhost:3000';

/** Options as a program without types might give them. */
function untyped(options: unknown): EtagereOptions {
  return options as EtagereOptions;
}

/** The policy of the only route. */
function policyOf({ routes }: Settings): PolicyConfig | undefined {
  return routes[0]?.policy;
}

describe('the options of a program', () => {
  it('fills in every default', () => {
    const settings = settingsOf({ origin });
    expect(settings).toMatchObject({
      listen: [{ host: '127.0.0.1', port: 8080 }],
      limits: defaultLimits,
      store: { kind: 'memory' },
      log: 'off',
      cacheStatus: 'full',
      encodeTarget: false,
      fastLane: true,
      trustProxy: [],
      purgeFrom: [],
      origins: [{ name: 'default', servers: [{ url: origin, weight: 1 }], preserveHost: false, connections: 64 }],
      routes: [{ name: 'default', origin: 'default', policy: presets.safe }],
    });
  });

  it('takes numbers in the unit of the option, and text with a unit', () => {
    const said = settingsOf({ origin, memory: '1mb', defaultTtl: '5m', listen: 0 });
    expect(said.limits.memoryBytes).toBe(2 ** 20);
    expect(policyOf(said)?.defaultTtl).toBe(300);
    expect(said.listen[0]?.port).toBe(0);
    const counted = settingsOf({ origin, memory: 2 ** 20, defaultTtl: 300 });
    expect(counted.limits.memoryBytes).toBe(2 ** 20);
    expect(policyOf(counted)?.defaultTtl).toBe(300);
  });

  it('turns on every permission of the RFC with the preset rfc', () => {
    expect(policyOf(settingsOf({ origin, preset: 'rfc' }))).toEqual(presets.rfc);
  });

  it('serves stale while the origin fails for as long as it is told, whatever the preset', () => {
    expect(policyOf(settingsOf({ origin, staleIfError: '1h' }))).toEqual({ ...presets.safe, staleIfError: 3_600 });
    expect(policyOf(settingsOf({ origin, staleIfError: 0, preset: 'rfc' }))).toEqual({
      ...presets.rfc,
      staleIfError: 0,
    });
  });

  it('overrides single limits', () => {
    const { limits } = settingsOf({ origin, limits: { originConnections: 2, maxObjectShare: 0.5 } });
    expect(limits).toEqual({ ...defaultLimits, originConnections: 2, maxObjectShare: 0.5 });
  });

  it.each([undefined, null, 'http://localhost:3000', []])('says how it is called, when called with %j', (options) => {
    const resolve = () => settingsOf(options as unknown as EtagereOptions);
    expect(resolve).toThrow(UsageError);
    expect(resolve).toThrow("write createEtagere({ origin: 'http://localhost:3000' })");
  });

  it('takes an option that is undefined as not given', () => {
    const settings = settingsOf(untyped({ origin, memory: undefined, preserveHost: undefined }));
    expect(settings).toMatchObject({ limits: defaultLimits, origins: [{ preserveHost: false }] });
  });

  it.each<[string, EtagereOptions]>([
    ['origin: "x" has no scheme', { origin: 'x' }],
    ['listen: "nowhere" is not an address', { origin, listen: 'nowhere' }],
    ['memory: "1kb" is too small for a shelf', { origin, memory: '1kb' }],
    ['memory: NaN is not what it takes; give it text or a number', { origin, memory: Number.NaN }],
    ['defaultTtl: "500ms" is not a whole number of seconds', { origin, defaultTtl: '500ms' }],
    ['defaultTtl: "-1" is not a whole number of seconds', { origin, defaultTtl: -1 }],
    ['preset: "fast" is not what it takes; write safe or rfc', untyped({ origin, preset: 'fast' })],
    ['store: there is no such store; write memory, disk:DIRECTORY', { origin, store: 'tape:/dev/st0' }],
    ['store: there is no such store; did you mean memory?', { origin, store: 'memroy' }],
    ['store: disk: names no directory', { origin, store: 'disk:' }],
    ['store: ~/shelf is not expanded; write the whole path', { origin, store: 'disk:~/shelf' }],
    ['store: there is no such store; did you mean redis?', { origin, store: 'redi://me:secret@host' }],
    ['store: there is no such store; write memory', { origin, store: 'hunter2@127.0.0.1:6379' }],
    ['store: the URL of a Redis has no host', { origin, store: 'redis://me:secret@host:x' }],
    ['disk: "1mb" is too small for a shelf on a disk', { origin, disk: '1mb' }],
    ['workers: 0 is too small; take 1 to 256', { origin, workers: 0 }],
    ['workers: 300 is too large; take 1 to 256', { origin, workers: '300' }],
    ['workers: a program has none; leave it out', { origin, workers: 2 }],
    ['workers: a program has none; leave it out', { origin, workers: 'auto' }],
    ['log: "loud" is not what it takes; write auto, json, combined, pretty or off', untyped({ origin, log: 'loud' })],
    ['trustProxy[0]: "me" is not a network', { origin, trustProxy: ['me'] }],
    ['limits.originConnections: 0 is too small; the least is 1', { origin, limits: { originConnections: 0 } }],
    ['limits.originQueue: 1.5 is not a whole number', { origin, limits: { originQueue: 1.5 } }],
    ['limits.maxObjectShare: 2 is not a share', { origin, limits: { maxObjectShare: 2 } }],
    [
      'limits.drainTimeoutMs: 2147483648ms is too large; the most is 24d',
      { origin, limits: { drainTimeoutMs: 2 ** 31 } },
    ],
    ['limits.speed: there is nothing of that name; what there is here: max', untyped({ origin, limits: { speed: 1 } })],
    [
      'limits.originConections: there is nothing of that name; did you mean originConnections?',
      untyped({ origin, limits: { originConections: 1 } }),
    ],
    [
      'limits.drainTimeoutMs: "5s" is not what it takes; give it a number',
      untyped({ origin, limits: { drainTimeoutMs: '5s' } }),
    ],
    ['origin: it is missing; write something like origin: ', untyped({})],
    ['origin: it is missing', untyped({ origin: undefined })],
    ['origin: 3000 is not what it takes; give it text or an object', untyped({ origin: 3000 })],
    ['memroy: there is nothing of that name; did you mean memory?', untyped({ origin, memroy: '1gb' })],
    [
      'rabbit: there is nothing of that name; what there is here: listen, origin, origins,',
      untyped({ origin, rabbit: true }),
    ],
    ['__proto__: there is nothing of that name', untyped(JSON.parse('{"origin":"http://a","__proto__":1}') as object)],
    ['memory: true is not what it takes; give it text or a number', untyped({ origin, memory: true })],
    ['preserveHost: "false" is not what it takes; write false', untyped({ origin, preserveHost: 'false' })],
    ['trustProxy: "10.0.0.0/8" is not what it takes; give it a list', untyped({ origin, trustProxy: '10.0.0.0/8' })],
    ['limits: a list is not what it takes; give it an object', untyped({ origin, limits: [] })],
    ['origin: an object is not what it takes', untyped({ origin: new URL(origin) })],
  ])('names the option: %s', (message, options) => {
    expect(() => settingsOf(options)).toThrow(UsageError);
    expect(() => settingsOf(options)).toThrow(message);
  });
});
