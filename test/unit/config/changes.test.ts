import { describe, expect, it } from 'vitest';
import { changesOf, settingsInForce } from '../../../src/config/changes.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';

const base: EtagereOptions = { origins: { a: 'http://a', b: 'http://b' }, origin: 'a' };

function changes(after: EtagereOptions, before: EtagereOptions = base): ReturnType<typeof changesOf> {
  const [started, next] = [settingsOf(before), settingsOf({ ...base, ...after })];
  return changesOf(started, settingsInForce(started, started, next), next);
}

describe('changesOf', () => {
  it('finds none between settings that are alike', () => {
    expect(changes({})).toEqual({ inPlace: [], restart: [] });
    expect(changes({ memory: '256mb', routes: [{}] })).toEqual({ inPlace: [], restart: [] });
  });

  it.each<[string[], EtagereOptions]>([
    [['routes'], { routes: [{ defaultTtl: '1s' }] }],
    [['routes'], { origin: 'b' }],
    [['trustProxy', 'purgeFrom'], { trustProxy: ['::1'], purgeFrom: ['::1'] }],
    [['origins.b', 'origins.c'], { origins: { a: 'http://a', c: 'http://c' } }],
    [['origins.b'], { origins: { a: 'http://a', b: { url: 'http://b', headTimeout: '1s' } } }],
    [['origins.a', 'origins.b'], { limits: { originHeadTimeoutMs: 1 } }],
  ])('has %j take effect at once', (inPlace, after) => {
    expect(changes(after)).toEqual({ inPlace, restart: [] });
  });

  it.each<[string[], EtagereOptions]>([
    [['listen'], { listen: 1 }],
    [['memory'], { memory: '1mb' }],
    [['store', 'disk'], { store: 'disk:/var/cache/etagere', disk: '1gb' }],
    [
      ['log', 'cacheStatus', 'encodeTarget', 'fastLane'],
      { log: 'json', cacheStatus: 'off', encodeTarget: true, fastLane: false },
    ],
    [['limits.maxVariants', 'limits.clientHeadSize'], { limits: { maxVariants: 1, clientHeadBytes: 2_000 } }],
    [['admin'], { admin: 1 }],
  ])('has %j wait for the next start', (restart, after) => {
    expect(changes(after)).toEqual({ inPlace: [], restart });
  });

  it('changes the token of an admin listener in its place', () => {
    const before = { ...base, admin: 1, adminToken: 'a-token-of-16-or-more' };
    const adminToken = 'another-token-of-16';
    expect(changes({ admin: 1, adminToken }, before)).toEqual({ inPlace: ['adminToken'], restart: [] });
  });

  it('leaves the token of an admin listener alone where the next one, elsewhere, does without', () => {
    const before = { ...base, admin: '0.0.0.0:1', adminToken: 'a-token-of-16-or-more' };
    expect(changes({ admin: 2 }, before)).toEqual({ inPlace: [], restart: ['admin'] });
  });
});
