import { describe, expect, it } from 'vitest';
import { settingsSummary } from '../../../src/cli/settings-summary.ts';
import { readConfig } from '../../../src/config/file.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { redacted, shownSettings } from '../../../src/config/shown.ts';
import { writeYaml } from '../../../src/config/yaml-source.ts';

const origin = 'http://localhost:3000';

function shown(options: EtagereOptions): ReturnType<typeof shownSettings> {
  return shownSettings(settingsOf(options));
}

/** What a file gives that says what is shown. */
function readAgain(settings: Settings): Settings {
  const text = writeYaml(shownSettings(settings));
  return readConfig({ name: 'shown.yaml', folder: '/', text }, {}, {});
}

describe('the settings that are shown', () => {
  it('say everything, in the words of a file', () => {
    expect(shown({ origin, limits: { maxVariants: 8 } })).toMatchObject({
      listen: ['127.0.0.1:8080'],
      memory: '256mb',
      log: 'off',
      origin: { url: [origin], connections: 64, headTimeout: '30s', ejection: false },
      routes: [
        { origin: 'default', preset: 'safe', defaultTtl: '0s', staleIfError: { '5xx': '0s', unreachable: '0s' } },
      ],
      limits: { maxVariants: 8, maxObjectShare: 0.1, drainTimeout: '30s' },
    });
  });

  it('hold no secret', () => {
    const settings = settingsOf({
      origin,
      admin: 8081,
      adminToken: 'a-very-secret-token',
      headers: { request: { set: { 'X-Api-Key': 'a-very-secret-key', 'X-Plain': 'plain' } } },
    });
    expect(shownSettings(settings)).toMatchObject({
      admin: '127.0.0.1:8081',
      adminToken: redacted,
      routes: [{ headers: { request: { set: { 'x-api-key': redacted, 'x-plain': 'plain' } } } }],
    });
    expect(JSON.stringify(shownSettings(settings))).not.toContain('very-secret');
  });

  it('name the same shelf in a Redis, without the password', () => {
    const settings = settingsOf({ origin, store: 'redis://me:very-secret@127.0.0.1:6379/2?prefix=shop:' });
    const store = `redis://me:${redacted}@127.0.0.1:6379/2?prefix=shop:`;
    expect(shownSettings(settings)).toMatchObject({ store });
    expect(settingsSummary(settings, [])).toContain(store);
    expect(readAgain(settings).store).toEqual({ kind: 'redis', url: store });
  });

  it('hold no secret of rules that know requests by it', () => {
    const settings = settingsOf({
      origin: { url: origin, healthCheck: { path: '/healthz?token=very-secret&deep=1' } },
      bypass: { header: ['X-Preview-Token: very-secret', 'X-Preview: yes'] },
    });
    expect(shownSettings(settings)).toMatchObject({
      origin: { healthCheck: { path: `/healthz?token=${redacted}&deep=1` } },
      routes: [{ bypass: { header: [`x-preview-token: ${redacted}`, 'x-preview: yes'] } }],
    });
    expect(settingsSummary(settings, [])).not.toContain('very-secret');
    expect(() => readAgain(settings)).not.toThrow();
  });

  it('are those that a file with them gives', () => {
    const settings = settingsOf({
      listen: [8080, '[::1]:8081'],
      memory: '1gb',
      log: 'json',
      trustProxy: ['10.0.0.0/8'],
      purgeFrom: ['::1'],
      cacheStatus: 'brief',
      encodeTarget: true,
      fastLane: false,
      origin: { url: [origin, { url: 'http://b', weight: 2 }], healthCheck: { path: '/h', status: [204, '3xx'] } },
      origins: { api: { url: 'https://api', preserveHost: true, ejection: { failures: 1 }, bodyTimeout: '1500ms' } },
      key: { dropQuery: ['utm_*'] },
      routes: [
        {
          name: 'a',
          match: { host: '*.a', path: ['/a/*', '/b'], method: 'GET' },
          origin: 'api',
          preset: 'rfc',
          ttl: '1h',
        },
        {
          match: { path: '/c' },
          origin: 'http://inline',
          key: { keepQuery: [], sortQuery: true, dropCookie: ['_ga*'] },
          ttl: { lifetime: 0, force: true, notFound: '1m' },
        },
        {
          bypass: { path: '/p', cookie: 's_*', header: ['x-a', 'x-b: c*'] },
          headers: { response: { remove: 'Server', add: { Link: ['<a>', '<b>'] } } },
        },
      ],
    });
    expect(readAgain(settings)).toEqual(settings);
  });
});
