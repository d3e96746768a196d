import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isBearerToken } from '../http/bearer.ts';
import { hostAndPort, isLoopback, parseListen } from './addresses.ts';
import { written } from './names.ts';
import type { EtagereOptions } from './options.ts';
import type { Place } from './problems.ts';
import type { AdminSettings } from './settings.ts';
import { unreadable } from './system-code.ts';
import { UsageError } from './usage-error.ts';
import { expanded, type Variables } from './variables.ts';

/** The variable for the token. There is no flag: other users of a machine see the arguments of every process. */
export const tokenVariable = 'ETAGERE_ADMIN_TOKEN';

/** Fewer characters can be guessed. */
const leastTokenLength = 16;

/** What a configuration file may refer to. */
export interface Surroundings {
  /** For `${NAME}`. */
  readonly variables: Variables;
  /** Names of files are relative to it. */
  readonly folder: string;
}

/** The admin listener that was asked for; undefined where none was. One that others can reach has to have a token. */
export function readAdmin(
  options: Pick<EtagereOptions, 'admin' | 'adminToken' | 'adminTokenFile'>,
  place: Place,
  surroundings?: Surroundings,
): AdminSettings | undefined {
  const { admin, adminToken, adminTokenFile } = options;
  if (adminToken !== undefined && adminTokenFile !== undefined) {
    place
      .at('adminTokenFile')
      .refuse('there is adminToken as well', `keep one of them (${tokenVariable} is adminToken)`, 'name');
  }
  const fromFile =
    adminTokenFile === undefined
      ? undefined
      : place.at('adminTokenFile').read('', () => readToken(resolve(surroundings?.folder ?? '', adminTokenFile)));
  const token =
    adminToken === undefined
      ? fromFile
      : place.at('adminToken').read('', () => checkedToken(expanded(adminToken, surroundings?.variables).text));
  if (admin === undefined) return undefined;
  const listen = place.at('admin').read(undefined, () => parseListen(String(admin)));
  if (listen === undefined) return undefined;
  if (token === undefined && !isLoopback(listen.host)) {
    place
      .at('admin')
      .refuse(
        `others may reach ${hostAndPort(listen)}, and there is no token`,
        `set ${tokenVariable} or ${written(place.writing, ['admin-token-file', 'FILE'])}, or listen where only this machine can ask: 127.0.0.1:${listen.port}`,
      );
  }
  return { listen, token };
}

/**
 * The token that a file holds, without the line end behind it.
 * @throws UsageError
 */
export function readToken(path: string): string {
  return checkedToken(contentOf(path).replace(/\r?\n$/, ''));
}

/**
 * A token as `Authorization: Bearer` can carry it (RFC 6750 §2.1), long enough not to be guessed.
 * @throws UsageError that does not show it
 */
export function checkedToken(token: string): string {
  const advice = 'make one with: openssl rand -hex 32';
  if (token.length < leastTokenLength) {
    throw new UsageError(
      `a token of ${token.length} characters is too short, ${leastTokenLength} are the least`,
      advice,
    );
  }
  if (isBearerToken(token)) return token;
  throw new UsageError(
    'the token has characters that Authorization can not carry',
    `letters, digits and -._~+/ can be; ${advice}`,
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${path} can't be read (${unreadable(error)})`,
      'name a file that holds the token and nothing else',
    );
  }
}
