import type { EpochMs } from '../http/message.ts';
import type { CertificateSettings, Settings } from './settings.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** For so long before its end a certificate is warned of. */
const warningMs = 14 * dayMs;

type Certificates = Pick<Settings, 'tlsCert' | 'origins'>;

/** Every certificate that is shown, to clients or to origins; each file once. */
export function shownCertificates({ tlsCert, origins }: Certificates): readonly CertificateSettings[] {
  return onceEach([...tlsCert, ...shownToOrigins(origins)]);
}

/** Which certificates clients, or origins, will soon refuse, or do already; one sentence each. */
export function expiryWarnings({ tlsCert, origins }: Certificates, now: EpochMs): string[] {
  return [...warningsOf(tlsCert, 'clients refuse', now), ...warningsOf(shownToOrigins(origins), 'origins refuse', now)];
}

function shownToOrigins(origins: Certificates['origins']): readonly CertificateSettings[] {
  return onceEach(origins.flatMap(({ tls: { certificate } }) => certificate ?? []));
}

function onceEach(certificates: readonly CertificateSettings[]): readonly CertificateSettings[] {
  return [...new Map(certificates.map((each) => [each.certFile, each])).values()];
}

function warningsOf(certificates: readonly CertificateSettings[], whoRefuses: string, now: EpochMs): string[] {
  return certificates.flatMap(({ certFile, expiresAt }) => {
    if (expiresAt - now > warningMs) return [];
    const date = new Date(expiresAt).toISOString().slice(0, 10);
    if (expiresAt <= now) return [`the certificate ${certFile} has expired on ${date}: ${whoRefuses} it`];
    const days = Math.ceil((expiresAt - now) / dayMs);
    return [`the certificate ${certFile} expires in ${days === 1 ? 'a day' : `${days} days`}, on ${date}`];
  });
}
