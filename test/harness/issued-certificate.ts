import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate that was made for a test, and what signs with it. */
export interface IssuedCertificate {
  /** In PEM, and so the key. */
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** It signs itself where there is none. */
  readonly issuer?: IssuedCertificate;
  /** Whether it may sign others. */
  readonly isAuthority?: boolean;
  /** Hosts and IPv4 addresses that it is for; by default its own name. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Makes one with a key of its own (RFC 5280 §4.1): each test has those that it is about, whatever the date is. */
export function issuedCertificate(name: string, options: CertificateOptions = {}): IssuedCertificate {
  const { issuer, isAuthority = false, hosts = [name] } = options;
  const { notBefore = new Date('2020-01-01T00:00:00Z'), notAfter = new Date('2120-01-01T00:00:00Z') } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.of(2))),
    element(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions(isAuthority, hosts))),
  );
  const signature = sign('sha256', toBeSigned, issuer?.privateKey ?? privateKey);
  const whole = sequence(toBeSigned, ecdsaWithSha256, element(0x03, Buffer.of(0), signature));
  // No line may be empty.
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), name, privateKey };
}

function extensions(isAuthority: boolean, hosts: readonly string[]): Buffer[] {
  const basicConstraints = sequence(...(isAuthority ? [element(0x01, Buffer.of(0xff))] : []));
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? element(0x87, Buffer.from(host.split('.').map(Number))) : element(0x82, Buffer.from(host)),
  );
  return [
    sequence(identifier('551d13'), element(0x01, Buffer.of(0xff)), element(0x04, basicConstraints)),
    ...(names.length === 0 ? [] : [sequence(identifier('551d11'), element(0x04, sequence(...names)))]),
  ];
}

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'));

function nameOf(commonName: string): Buffer {
  return sequence(element(0x31, sequence(identifier('550403'), element(0x0c, Buffer.from(commonName)))));
}

function timeOf(date: Date): Buffer {
  return element(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
}

function identifier(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, ...parts);
}

/** DER: a tag, the length in its shortest form, the content. */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}
