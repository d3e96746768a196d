import { readFileSync } from 'node:fs';
import { hostAndPort, isLoopback, parseListen } from './addresses.ts';
import type { AdminSettings } from './settings.ts';
import { at, UsageError } from './usage-error.ts';

/** The variable for the token. There is no flag: other users of a machine see the arguments of every process. */
export const tokenVariable = 'ETAGERE_ADMIN_TOKEN';

/** Fewer characters can be guessed. */
const leastTokenLength = 16;

/** What may be said of the admin listener. */
export interface AdminOptions {
  readonly admin?: string | number;
  readonly adminToken?: string;
  readonly adminTokenFile?: string;
}

/**
 * The admin listener that was asked for; undefined where none was.
 * @throws UsageError, also for an address that others can reach without a token
 */
export function resolveAdmin({ admin, adminToken, adminTokenFile }: AdminOptions): AdminSettings | undefined {
  if (admin === undefined) return undefined;
  const listen = at('admin', () => parseListen(String(admin)));
  if (adminToken !== undefined && adminTokenFile !== undefined) {
    throw new UsageError(
      'adminTokenFile: there is adminToken as well',
      `keep one of them (${tokenVariable} is adminToken)`,
    );
  }
  const fromFile = adminTokenFile === undefined ? undefined : at('adminTokenFile', () => readToken(adminTokenFile));
  const token = adminToken === undefined ? fromFile : at('adminToken', () => checkedToken(adminToken));
  if (token === undefined && !isLoopback(listen.host)) {
    throw new UsageError(
      `admin: others may reach ${hostAndPort(listen)}, and there is no token`,
      `set ${tokenVariable} or --admin-token-file, or listen where only this machine can ask: 127.0.0.1:${listen.port}`,
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
  if (/^[\w.~+/-]+=*$/.test(token)) return token;
  throw new UsageError(
    'the token has characters that Authorization can not carry',
    `letters, digits and -._~+/ can be; ${advice}`,
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${path} can't be read (${code})`, 'name a file that holds the token and nothing else');
  }
}
