import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Surroundings } from './admin-options.ts';
import { written } from './names.ts';
import type { EtagereOptions } from './options.ts';
import { certificatesIn, privateKeyIn } from './pem.ts';
import type { Place } from './problems.ts';
import type { CertificateSettings, Settings } from './settings.ts';
import { unreadable } from './system-code.ts';
import { UsageError } from './usage-error.ts';
import { readEach } from './values.ts';

/** Whether there are files whose content is part of the settings: read anew, they may be others. */
export function namesCertificates({ tlsCert, origins }: Settings): boolean {
  return tlsCert.length > 0 || origins.some(({ tls }) => tls.ca !== undefined || tls.certificate !== undefined);
}

/** The certificates that were named, each with the key that stands at the same place in its list; none where none was. */
export function readCertificates(
  { tlsCert, tlsKey }: Pick<EtagereOptions, 'tlsCert' | 'tlsKey'>,
  place: Place,
  surroundings?: Surroundings,
): CertificateSettings[] {
  const keyFiles = [tlsKey ?? []].flat();
  const certFiles = [tlsCert ?? []].flat();
  if (tlsCert === undefined && tlsKey === undefined) return [];
  if (tlsCert === undefined || tlsKey === undefined) {
    const both = written(place.writing, ['tls-cert', 'FILE'], ['tls-key', 'FILE']);
    if (tlsCert === undefined) refuseHalf(place.at('tlsKey'), 'certificate', both);
    else refuseHalf(place.at('tlsCert'), 'key', both);
    return [];
  }
  if (keyFiles.length !== certFiles.length) {
    const [certs, keys] = [number(certFiles.length, 'certificate'), number(keyFiles.length, 'key')];
    place
      .at('tlsCert')
      .refuse(
        `there ${certFiles.length === 1 ? 'is' : 'are'} ${certs} and ${keys}`,
        'name as many of the one as of the other',
        'name',
      );
    return [];
  }
  const folder = surroundings?.folder ?? '';
  let next = 0;
  return readEach(place.at('tlsCert'), tlsCert, (certFile) => {
    const keyFile = keyFiles[next] ?? '';
    next += 1;
    return readCertificate(resolve(folder, certFile), resolve(folder, keyFile));
  });
}

function number(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/**
 * Notes that of a certificate and its key only one is named.
 * @param both as they are written together
 */
export function refuseHalf(place: Place, lacking: 'certificate' | 'key', both: string): void {
  place.refuse(`there is no ${lacking} for it`, `name both: ${both}`, 'name');
}

/**
 * A certificate with its key, of files in PEM, that can be shown: by a server to its clients, by a client to its servers.
 * @throws UsageError that shows nothing of the key
 */
export function readCertificate(certFile: string, keyFile: string): CertificateSettings {
  const [cert, key] = [contentOf(certFile), contentOf(keyFile)];
  const leaf = new X509Certificate(certificatesIn(certFile, cert)[0]);
  const privateKey = privateKeyIn(keyFile, key);
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new UsageError(`${keyFile} is not the key of ${certFile}`, 'name the key that the certificate was made for');
  }
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new UsageError(
      `TLS takes neither ${certFile} nor its key`,
      'see that nothing else is in the files, and the key not too short',
    );
  }
  return { certFile, keyFile, cert, key, expiresAt: Date.parse(leaf.validTo) };
}

/** @throws UsageError */
export function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} can't be read (${unreadable(error)})`, 'name a file that this process may read');
  }
}
