import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { written } from './names.ts';
import { certificatesIn } from './pem.ts';
import type { Place } from './problems.ts';
import type { AuthoritySettings, OriginTlsSettings } from './settings.ts';
import { contentOf, readCertificate, refuseHalf } from './tls-options.ts';
import { UsageError } from './usage-error.ts';

/** What is said of TLS to an origin, on top or for one alone. */
export interface OriginTlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
}

/** What is in force where nothing is said: the authorities that Node trusts, no certificate of ours, the name in the URL. */
export const usualOriginTls: OriginTlsSettings = { ca: undefined, certificate: undefined, serverName: undefined };

/**
 * What is said, over what is inherited. A certificate and its key are said together: one of them never goes with the other of what is inherited.
 * @param placeOf where each of them stands
 * @param folder names of files are relative to it
 */
export function readOriginTls(
  said: OriginTlsOptions,
  placeOf: (name: keyof OriginTlsOptions) => Place,
  inherited: OriginTlsSettings,
  folder: string,
): OriginTlsSettings {
  const { ca, cert, key, serverName } = said;
  return {
    ca: ca === undefined ? inherited.ca : placeOf('ca').read(undefined, () => readAuthorities(resolve(folder, ca))),
    certificate:
      cert === undefined && key === undefined ? inherited.certificate : readPair({ cert, key }, placeOf, folder),
    serverName:
      serverName === undefined
        ? inherited.serverName
        : placeOf('serverName').read(undefined, () => checkedServerName(serverName)),
  };
}

function readPair(
  { cert, key }: Pick<OriginTlsOptions, 'cert' | 'key'>,
  placeOf: (name: keyof OriginTlsOptions) => Place,
  folder: string,
): OriginTlsSettings['certificate'] {
  if (cert === undefined || key === undefined) {
    const { path, writing } = placeOf('cert');
    // An origin of its own has no flags.
    const both =
      path.at(-1) === 'cert'
        ? written('file', ['cert', 'FILE'], ['key', 'FILE'])
        : written(writing, ['origin-cert', 'FILE'], ['origin-key', 'FILE']);
    if (cert === undefined) refuseHalf(placeOf('key'), 'certificate', both);
    else refuseHalf(placeOf('cert'), 'key', both);
    return undefined;
  }
  return placeOf('cert').read(undefined, () => readCertificate(resolve(folder, cert), resolve(folder, key)));
}

/** @throws UsageError */
function readAuthorities(file: string): AuthoritySettings {
  return { file, pem: `${certificatesIn(file, contentOf(file)).join('\n')}\n` };
}

/**
 * A name as it can be asked for in TLS (RFC 6066 §3): that of a host, and no address.
 * @throws UsageError
 */
export function checkedServerName(text: string): string {
  const advice = "write the name that is in the origin's certificate, like shop.example";
  if (isIP(text.replace(/^\[(.*)\]$/, '$1')) !== 0) {
    throw new UsageError(`"${text}" is an address, which TLS does not ask for by name`, advice);
  }
  if (
    text.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)
  ) {
    return text.toLowerCase();
  }
  throw new UsageError(`"${text}" is not the name of a host`, advice);
}
