import { resolve } from 'node:path';
import { NoRedisUrl, redisAddressOf } from '../store/redis/address.ts';
import { nearest } from './nearest.ts';
import type { StoreSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

const advice =
  'write memory, disk:DIRECTORY, redis://HOST:PORT, rediss://HOST:PORT or redis+cluster://HOST:PORT,HOST:PORT';

/**
 * Where responses are kept: `memory`, `disk:DIRECTORY`, or the URL of a Redis.
 * @param folder what relative directories start at
 * @throws UsageError, which never shows what may be secret
 */
export function storeSetting(text: string, folder = ''): StoreSettings {
  const [, scheme = ''] = /^([a-z+]+):/.exec(text) ?? [];
  if (text === 'memory') return { kind: 'memory' };
  if (scheme === 'disk') return diskSetting(text.slice('disk:'.length), folder);
  if (/^rediss?(\+cluster)?$/.test(scheme)) return redisSetting(text);
  // Nothing of it is shown: it may be a password, or the half of one.
  const meant = nearest(scheme || text, kinds);
  throw new UsageError('there is no such store', meant === undefined ? advice : `did you mean ${meant}? ${advice}`);
}

const kinds = ['memory', 'disk', 'redis', 'rediss', 'redis+cluster', 'rediss+cluster'];

function diskSetting(directory: string, folder: string): StoreSettings {
  if (directory === '') throw new UsageError('disk: names no directory', 'write one after it: disk:/var/cache/etagere');
  // A shell puts the home there only where a word begins with it: there would be a directory of that name.
  if (directory.startsWith('~'))
    throw new UsageError(
      `${directory} is not expanded`,
      'write the whole path, or ./ before it if that is its name: disk:./~',
    );
  return { kind: 'disk', directory: resolve(folder, directory) };
}

function redisSetting(url: string): StoreSettings {
  try {
    redisAddressOf(url);
    return { kind: 'redis', url };
  } catch (error) {
    if (!(error instanceof NoRedisUrl)) throw error;
    throw new UsageError(error.message, error.advice);
  }
}

/** The text of a setting, with `redacted` in the place of what is secret in it. */
export function shownStore(store: StoreSettings, redacted: string): string {
  if (store.kind === 'memory') return store.kind;
  return store.kind === 'disk' ? `disk:${store.directory}` : redisAddressOf(store.url).shown(redacted);
}
