import { issuedCertificate } from '../../harness/issued-certificate.ts';

/** A certificate for `localhost` that signs itself, and its key: for tests on the loopback interface, worth nothing elsewhere. */
export const { cert: certificate, key: certificateKey } = issuedCertificate('localhost', { isAuthority: true });
