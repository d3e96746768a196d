import { describe, expect, it } from 'vitest';
import { type EtagereOptions, resolveSettings } from '../../../src/config/options.ts';
import { only, type Settings } from '../../../src/config/settings.ts';
import { UsageError } from '../../../src/config/usage-error.ts';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { type PolicyConfig, presets } from '../../../src/policy/config.ts';

const origin = 'http://localhost:3000';

/** Options as a program without types might give them. */
function untyped(options: object): EtagereOptions {
  return options as EtagereOptions;
}

/** The policy of the only route. */
function policyOf({ routes }: Settings): PolicyConfig {
  return only(routes).policy;
}

describe('resolveSettings', () => {
  it('fills in every default', () => {
    const settings = resolveSettings({ origin });
    expect(settings).toMatchObject({
      listen: [{ host: '127.0.0.1', port: 8080 }],
      limits: defaultLimits,
      store: 'memory',
      log: 'off',
      encodeTarget: false,
      fastLane: true,
      trustProxy: [],
      purgeFrom: [],
      origins: [{ name: 'default', servers: [{ url: origin, weight: 1 }], preserveHost: false, connections: 64 }],
      routes: [{ name: 'default', origin: 'default', policy: presets.safe }],
    });
  });

  it('takes numbers in the unit of the option, and text with a unit', () => {
    const said = resolveSettings({ origin, memory: '1mb', defaultTtl: '5m', listen: 0 });
    expect(said.limits.memoryBytes).toBe(2 ** 20);
    expect(policyOf(said).defaultTtl).toBe(300);
    expect(said.listen[0]?.port).toBe(0);
    const counted = resolveSettings({ origin, memory: 2 ** 20, defaultTtl: 300 });
    expect(counted.limits.memoryBytes).toBe(2 ** 20);
    expect(policyOf(counted).defaultTtl).toBe(300);
  });

  it('turns on every permission of the RFC with the preset rfc', () => {
    expect(policyOf(resolveSettings({ origin, preset: 'rfc' }))).toEqual(presets.rfc);
  });

  it('serves stale while the origin fails for as long as it is told, whatever the preset', () => {
    expect(policyOf(resolveSettings({ origin, staleIfError: '1h' }))).toEqual({ ...presets.safe, staleIfError: 3_600 });
    expect(policyOf(resolveSettings({ origin, staleIfError: 0, preset: 'rfc' }))).toEqual({
      ...presets.rfc,
      staleIfError: 0,
    });
  });

  it('overrides single limits', () => {
    const { limits } = resolveSettings({ origin, limits: { originConnections: 2, maxObjectShare: 0.5 } });
    expect(limits).toEqual({ ...defaultLimits, originConnections: 2, maxObjectShare: 0.5 });
  });

  it.each([undefined, null, 'http://localhost:3000', []])('says how it is called, when called with %j', (options) => {
    const resolve = () => resolveSettings(options as unknown as EtagereOptions);
    expect(resolve).toThrow(UsageError);
    expect(resolve).toThrow("write createEtagere({ origin: 'http://localhost:3000' })");
  });

  it('takes an option that is undefined as not given', () => {
    const settings = resolveSettings(untyped({ origin, memory: undefined, preserveHost: undefined }));
    expect(settings).toMatchObject({ limits: defaultLimits, origins: [{ preserveHost: false }] });
  });

  it.each<[string, EtagereOptions]>([
    ['origin: "x" has no scheme', { origin: 'x' }],
    ['listen: "nowhere" is not an address', { origin, listen: 'nowhere' }],
    ['memory: "1kb" is too small for a shelf', { origin, memory: '1kb' }],
    ['memory: "NaN" is too small for a shelf', { origin, memory: Number.NaN }],
    ['defaultTtl: "500ms" is not a whole number of seconds', { origin, defaultTtl: '500ms' }],
    ['defaultTtl: "-1" is not a whole number of seconds', { origin, defaultTtl: -1 }],
    ['preset: "fast" is not one of the choices; write safe or rfc', untyped({ origin, preset: 'fast' })],
    ['store: there is no store "disk:/var": this version has only memory', untyped({ origin, store: 'disk:/var' })],
    ['log: "loud" is not one of the choices', untyped({ origin, log: 'loud' })],
    ['trustProxy: "me" is not a network', { origin, trustProxy: ['me'] }],
    ['limits.originConnections: 0 is too small; the least is 1', { origin, limits: { originConnections: 0 } }],
    ['limits.originQueue: 1.5 is not a whole number', { origin, limits: { originQueue: 1.5 } }],
    ['limits.maxObjectShare: 2 is not a share', { origin, limits: { maxObjectShare: 2 } }],
    [
      'limits.drainTimeoutMs: 2147483648ms is too large; the most is 24d',
      { origin, limits: { drainTimeoutMs: 2 ** 31 } },
    ],
    ['limits.speed: there is no such limit; the limits are max', untyped({ origin, limits: { speed: 1 } })],
    [
      'limits.originConections: there is no such limit; did you mean limits.originConnections?',
      untyped({ origin, limits: { originConections: 1 } }),
    ],
    [
      'limits.drainTimeoutMs: "5s" is not a number; write a plain one',
      untyped({ origin, limits: { drainTimeoutMs: '5s' } }),
    ],
    ['origin: it is missing; write something like { origin:', untyped({})],
    ['origin: it is missing', untyped({ origin: undefined })],
    ['origin: number 3000 is not what it takes; give it text', untyped({ origin: 3000 })],
    ['memroy: there is no such option; did you mean memory?', untyped({ origin, memroy: '1gb' })],
    ['cache: there is no such option; the options are origin, listen,', untyped({ origin, cache: true })],
    ['__proto__: there is no such option', untyped(JSON.parse('{"origin":"http://a","__proto__":1}') as object)],
    ['memory: boolean true is not what it takes; give it text or a number', untyped({ origin, memory: true })],
    ['preserveHost: text false', untyped({ origin, preserveHost: 'false' })],
    [
      'trustProxy: text 10.0.0.0/8 is not what it takes; give it a list of texts',
      untyped({ origin, trustProxy: '10.0.0.0/8' }),
    ],
    ['limits: a list is not what it takes; give it an object', untyped({ origin, limits: [] })],
    ['origin: an object is not what it takes', untyped({ origin: new URL(origin) })],
  ])('names the option: %s', (message, options) => {
    expect(() => resolveSettings(options)).toThrow(UsageError);
    expect(() => resolveSettings(options)).toThrow(message);
  });
});
