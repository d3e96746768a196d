import { issuedCertificate } from './issued-certificate.ts';

/** A certificate for `shop.test` that signs itself, and its key: for tests on the loopback interface, worth nothing elsewhere. */
export const { cert: otherCertificate, key: otherKey } = issuedCertificate('shop.test', { isAuthority: true });
