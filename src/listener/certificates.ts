import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

/** What a server under TLS shows to be the one that is asked for. */
export interface Certificate {
  /** In PEM, the server's own first, and behind it those that lead to one that clients know. */
  readonly cert: string;
  /** Its private key, in PEM without a passphrase. */
  readonly key: string;
}

/** TLS 1.2 or newer (RFC 9113 §9.2), and nothing is negotiated again on a connection: a client could have that done for ever. */
export function secureContextOptions({ cert, key }: Certificate): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

/** Certificates by the names that they are for. */
export class CertificatesByName {
  readonly #all: readonly { readonly context: SecureContext; readonly leaf: X509Certificate }[];

  constructor(certificates: readonly Certificate[]) {
    this.#all = certificates.map((certificate) => ({
      context: createSecureContext(secureContextOptions(certificate)),
      leaf: new X509Certificate(certificate.cert),
    }));
  }

  /** The first that is for the name that a client asks for (RFC 6066 §3); undefined where none is. */
  contextFor(name: string): SecureContext | undefined {
    return this.#all.find(({ leaf }) => leaf.checkHost(name) !== undefined)?.context;
  }
}
