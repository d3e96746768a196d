import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { UsageError } from './usage-error.ts';

/** What a file in PEM (RFC 7468) may hold for TLS. */
interface Kind {
  readonly name: 'certificate' | 'private key';
  /** Where one begins. */
  readonly begin: RegExp;
  /** A whole one, whose label is the first group. */
  readonly whole: RegExp;
  readonly label: string;
  readonly advice: string;
}

const certificates: Kind = {
  name: 'certificate',
  begin: /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  whole: /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----/g,
  label: 'CERTIFICATE',
  advice:
    'name a file that begins with -----BEGIN CERTIFICATE-----, the chain behind it; from DER: openssl x509 -inform der -in FILE -out FILE.pem',
};

const privateKeys: Kind = {
  name: 'private key',
  begin: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g,
  whole: /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[^]*?-----END \1-----/g,
  label: 'PRIVATE KEY',
  advice:
    'name a file that begins with -----BEGIN PRIVATE KEY-----, or has such a line; from DER: openssl pkey -inform der -in FILE -out FILE.pem',
};

const anew = 'copy it anew, whole and as it was';

/**
 * The certificates of a file in PEM, each of which has to be one: TLS would take those before a broken one, and say nothing of the rest.
 * @throws UsageError
 */
export function certificatesIn(file: string, content: string): readonly [string, ...string[]] {
  const [blocks, count] = blocksIn(file, content, certificates);
  const broken = blocks.findIndex((block) => !isReadable(() => new X509Certificate(block)));
  if (broken >= 0) throw damaged(placeIn(file, certificates, broken, count));
  return blocks;
}

/**
 * The private key of a file in PEM.
 * @throws UsageError that shows nothing of it
 */
export function privateKeyIn(file: string, content: string): KeyObject {
  const [[block]] = blocksIn(file, content, privateKeys);
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(block)) {
    throw new UsageError(
      `the private key in ${file} has a passphrase`,
      `take it off: openssl pkey -in ${file} -out KEY-WITHOUT`,
    );
  }
  try {
    return createPrivateKey(block);
  } catch {
    throw damaged(placeIn(file, privateKeys, 0, 1));
  }
}

/** All that are there, one at least, and how many begin there: as many. */
function blocksIn(file: string, content: string, kind: Kind): readonly [readonly [string, ...string[]], number] {
  const begun = [...content.matchAll(kind.begin)].length;
  if (begun === 0) throw new UsageError(`${file} ${insteadOf(kind, content)}`, kind.advice);
  const [first, ...others] = content.match(kind.whole) ?? [];
  const whole = first === undefined ? 0 : others.length + 1;
  if (first === undefined || whole < begun) {
    const place = placeIn(file, kind, whole, begun);
    throw new UsageError(`${place} is cut off: its -----END ${kind.label}----- is missing`, anew);
  }
  return [[first, ...others], begun];
}

/** What a file is or holds that has nothing of that kind. */
function insteadOf({ name }: Kind, content: string): string {
  if (content.trim() === '') return 'is empty';
  const other = name === 'certificate' ? privateKeys : certificates;
  return content.search(other.begin) < 0 ? `holds no ${name} in PEM` : `holds a ${other.name}, and no ${name}`;
}

function placeIn(file: string, { name }: Kind, index: number, count: number): string {
  return count === 1 || name === 'private key'
    ? `the ${name} in ${file}`
    : `${name} ${index + 1} of ${count} in ${file}`;
}

function damaged(place: string): UsageError {
  return new UsageError(`${place} can't be read: it is damaged`, anew);
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
