import { certificateNames, type NamedCertificate } from '../../http/certificate-names.ts';
import type { Endpoint } from './address.ts';
import { RedisRefusal, RedisSilence, RedisTimeout } from './connection.ts';

/** What only a server of a cluster says: that a key, or two at once, are not its own. */
const clusterCodes = new Set(['MOVED', 'ASK', 'CROSSSLOT', 'TRYAGAIN', 'CLUSTERDOWN']);

/** Whether it is refused because the server is one of a cluster. */
export function isOfCluster(error: unknown): boolean {
  return error instanceof RedisRefusal && (clusterCodes.has(error.code) || /in cluster mode/i.test(error.message));
}

/** Whether what only a cluster knows is refused because the server is none of one. */
export function isOfNoCluster(error: unknown): error is RedisRefusal {
  return (
    error instanceof RedisRefusal &&
    /cluster support disabled|unknown (?:sub)?command.*cluster/i.test(error.message.replaceAll('\n', ' '))
  );
}

/**
 * What is wrong with the settings, here or there, where that is why a server can't be used, and what to write instead; undefined where it may pass by itself.
 * @param wasUsed whether it could be used before, by the same settings
 */
export function remedyOf(error: Error, endpoint: Endpoint, wasUsed: boolean): string | undefined {
  if (error instanceof RedisRefusal) return remedyOfRefusal(error, endpoint);
  return remedyOfTls(error) ?? (wasUsed ? undefined : remedyOfSilence(error, endpoint));
}

function remedyOfRefusal(error: RedisRefusal, { database }: Endpoint): string | undefined {
  const { code, message } = error;
  if (isOfCluster(error)) return 'it is of a cluster: write redis+cluster:// or rediss+cluster://, without a database';
  if (isOfNoCluster(error)) return 'it is of no cluster: write redis:// or rediss://';
  if (code === 'NOAUTH') return 'it wants a password: write :PASSWORD@ or USER:PASSWORD@ before the host';
  if (code === 'WRONGPASS' || /invalid password/i.test(message)) {
    return 'user and password in the URL are not those that it knows: each is percent-encoded there';
  }
  if (/without any password configured|no password is set/i.test(message)) {
    return 'it has no password: leave user and password out of the URL';
  }
  if (/DB index/i.test(message)) {
    return `it has no database ${database}: write another number after the host, of which there are 16 unless it says otherwise`;
  }
  return remedyOfForbidden(error);
}

/** The same of one command alone, which that user may not give. */
export function remedyOfForbidden({ code }: RedisRefusal): string | undefined {
  if (code !== 'NOPERM') return undefined;
  return 'that user may not do what is needed: give it ~PREFIX* &PREFIX* +@all -@admin -@dangerous, with the prefix of the URL (etagere:)';
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

function remedyOfTls(error: Error): string | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (untrusted.has(code)) {
    return 'nobody who is trusted here has signed its certificate: name the file of its CA in NODE_EXTRA_CA_CERTS';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return remedyOfName(error);
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired: it needs another one';
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code)) {
    return 'it wants a certificate of those who ask, and there is none here: set tls-auth-clients to no there';
  }
  if (/^ERR_SSL_|^EPROTO$/.test(code)) return 'its port may not be for TLS: then write redis:// or redis+cluster://';
  return undefined;
}

/** Node tells the name that was asked for, and the certificate. */
function remedyOfName(error: Error & { readonly host?: unknown; readonly cert?: NamedCertificate }): string {
  const { host, cert } = error;
  if (typeof host !== 'string' || cert === undefined) {
    return 'its certificate is for another name: write that as the host';
  }
  return `its certificate is for ${certificateNames(cert)}, and not for ${host}: write one of these as the host`;
}

/** A port for TLS closes the connection of who does not speak it; any other waits for the rest of what is said by who does. */
function remedyOfSilence(error: Error, { tls }: Endpoint): string | undefined {
  if (tls && (error instanceof RedisSilence || error instanceof RedisTimeout)) {
    return 'where its port is not for TLS, write redis:// or redis+cluster://';
  }
  if (!tls && error instanceof RedisSilence) return 'where its port is for TLS, write rediss:// or rediss+cluster://';
  return undefined;
}
