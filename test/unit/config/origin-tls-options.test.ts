import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownCertificates } from '../../../src/config/certificate-expiry.ts';
import { changesOf, settingsInForce } from '../../../src/config/changes.ts';
import { readConfig } from '../../../src/config/file.ts';
import { readOptions } from '../../../src/config/flags.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import type { OriginTlsSettings, Settings } from '../../../src/config/settings.ts';
import { shownSettings } from '../../../src/config/shown.ts';
import { warningsOf } from '../../../src/config/warnings.ts';
import { writeYaml } from '../../../src/config/yaml-source.ts';
import { issuedCertificate } from '../../harness/issued-certificate.ts';

const root = issuedCertificate('root', { isAuthority: true, hosts: [] });
const other = issuedCertificate('other', { isAuthority: true, hosts: [] });
const client = issuedCertificate('etagere', { issuer: root });
const soon = issuedCertificate('soon', { notAfter: new Date(Date.now() + 36 * 3_600_000) });
const origin = 'https://localhost:3000';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-origin-tls-'));
  for (const [name, content] of Object.entries({
    'root.pem': root.cert,
    'both.pem': `# two\n${root.cert}\n${other.cert}`,
    'half.pem': root.cert + other.cert.slice(0, 200),
    'broken.pem': root.cert + other.cert.replace(/\n[^\n]{20}/, '\n'),
    'text.pem': 'hello',
    'cert.pem': client.cert,
    'key.pem': client.key,
    'other.key': other.key,
    'soon.pem': soon.cert,
    'soon.key': soon.key,
  })) {
    writeFileSync(join(folder, name), content);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string): string {
  return join(folder, name);
}

function settings(options: EtagereOptions): Settings {
  return resolveSettings({ origin, ...options });
}

function tlsOf({ origins }: Settings, name = 'default'): OriginTlsSettings | undefined {
  return origins.find((each) => each.name === name)?.tls;
}

describe('TLS to an origin', () => {
  it('is by what Node trusts, with nothing of ours, where nothing is said', () => {
    expect(tlsOf(settings({}))).toEqual({ ca: undefined, certificate: undefined, serverName: undefined });
  });

  it('is as it is said on top, and what an origin says of itself wins, a certificate with its key', () => {
    const said = settings({
      originCa: file('both.pem'),
      originCert: file('cert.pem'),
      originKey: file('key.pem'),
      originServerName: 'Shop.Example',
      origins: {
        plain: 'https://plain.test',
        own: { url: 'https://own.test', ca: file('root.pem'), cert: file('soon.pem'), key: file('soon.key') },
        named: { url: 'https://10.0.0.5', serverName: 'named.test' },
      },
      routes: [{ match: { path: '/url' }, origin: 'https://url.test' }, { origin: 'plain' }],
    });
    const onTop = tlsOf(said);
    expect(onTop).toMatchObject({ serverName: 'shop.example', ca: { file: file('both.pem') } });
    expect(onTop?.ca?.pem).toBe(`${root.cert.trim()}\n${other.cert.trim()}\n`);
    expect(onTop?.certificate).toMatchObject({ cert: client.cert, key: client.key });
    expect([tlsOf(said, 'plain'), tlsOf(said, 'https://url.test')]).toEqual([onTop, onTop]);
    expect(tlsOf(said, 'own')).toMatchObject({
      ca: { pem: root.cert },
      certificate: { cert: soon.cert },
      serverName: 'shop.example',
    });
    expect(tlsOf(said, 'named')).toEqual({ ...onTop, serverName: 'named.test' });
  });

  it.each<[what: string, options: () => EtagereOptions, complaint: RegExp | string]>([
    [
      'a file that is not there',
      () => ({ originCa: file('none') }),
      /^originCa: .*none can't be read \(there is none\); name a/,
    ],
    [
      'a file without certificates',
      () => ({ originCa: file('text.pem') }),
      /^originCa: .*text\.pem holds no certificate in PEM; name a file that begins with -----BEGIN CERT.*openssl x509 -inform der/,
    ],
    [
      'one of which the second is cut off',
      () => ({ originCa: file('half.pem') }),
      /certificate 2 of 2 in .*half\.pem is cut off/,
    ],
    [
      'one of which the second is none',
      () => ({ originCa: file('broken.pem') }),
      /certificate 2 of 2 in .*broken\.pem can't be read: it is damaged/,
    ],
    [
      'a certificate alone',
      () => ({ originCert: file('cert.pem') }),
      /^originCert: there is no key for it; name both: --origin-cert FILE --origin-key FILE$/,
    ],
    [
      'a key alone',
      () => ({ origins: { api: { url: origin, key: file('key.pem') } } }),
      /^origins\.api\.key: there is no certificate for it; name both: cert: FILE, key: FILE$/,
    ],
    [
      'the key of another',
      () => ({ originCert: file('cert.pem'), originKey: file('other.key') }),
      /^originCert: .*other\.key is not the key of .*cert\.pem; name the key/,
    ],
    [
      'an address for a name',
      () => ({ originServerName: '10.0.0.5' }),
      'originServerName: "10.0.0.5" is an address, which TLS does not ask for by name; write the name that is in the origin\'s certificate, like shop.example',
    ],
    [
      'a URL for a name',
      () => ({ origin: { url: origin, serverName: 'https://a' } }),
      /^origin\.serverName: "https:\/\/a" is not the name/,
    ],
  ])('refuses %s, and says what to do', (_, options, complaint) => {
    expect(() => settings(options())).toThrow(complaint);
  });

  it('is said by flags, files by names that are relative to the working directory', () => {
    const flags = {
      'origin-ca': 'a.pem',
      'origin-cert': '/b.pem',
      'origin-key': '/b.key',
      'origin-server-name': 'A.test',
    };
    expect(readOptions(flags, {})).toMatchObject({
      originCa: join(process.cwd(), 'a.pem'),
      originCert: '/b.pem',
      originKey: '/b.key',
      originServerName: 'a.test',
    });
    expect(() => readOptions({}, { ETAGERE_ORIGIN_SERVER_NAME: '[::1]' })).toThrow(
      /^ETAGERE_ORIGIN_SERVER_NAME: "\[::1\]" is an address/,
    );
  });

  it('is shown by the names of files, and what is shown gives the same when it is read', () => {
    const said = settings({
      originCa: file('root.pem'),
      originCert: file('cert.pem'),
      originKey: file('key.pem'),
      preserveHost: true,
      log: 'auto',
      origins: { own: { url: 'https://own.test', ca: file('both.pem'), serverName: 'own.example' } },
      routes: [
        { match: { path: '/a' }, origin: 'https://url.test' },
        { match: { path: '/b' }, origin: 'own' },
      ],
    });
    const text = writeYaml(shownSettings(said));
    expect(text).not.toContain('PRIVATE');
    expect(readConfig({ name: 'shown.yaml', folder: '/', text }, {}, {}).origins).toEqual(
      expect.arrayContaining([...said.origins]),
    );
  });

  it('is relative to the folder of a configuration file', () => {
    const text = `origin: ${origin}\noriginCa: root.pem\n`;
    expect(tlsOf(readConfig({ name: 'a.yaml', folder, text }, {}, {}))?.ca?.file).toBe(file('root.pem'));
  });

  it('is another where what is in its files is another, and takes effect at once', () => {
    const before = settings({ originCa: file('root.pem') });
    const ca = { file: file('root.pem'), pem: other.cert };
    const after = { ...before, origins: before.origins.map((each) => ({ ...each, tls: { ...each.tls, ca } })) };
    const inForce = settingsInForce(before, before, after);
    expect(changesOf(before, inForce, after)).toEqual({ inPlace: ['origins.default'], restart: [] });
  });

  it('warns of what no URL of https has use for', () => {
    const said: EtagereOptions = { originCa: file('root.pem'), originServerName: 'a.test' };
    expect(warningsOf(settings(said))).toEqual([]);
    expect(warningsOf(settings({ ...said, origin: 'http://localhost:3000' }))).toEqual([
      `${file('root.pem')} is for no origin: those that have it are asked over http; write https:// in their URLs`,
      'the server name a.test is for no origin: those that have it are asked over http; write https:// in their URLs',
    ]);
  });

  it('warns of the end of what is shown to origins, once, and has it among the certificates', () => {
    const pair = { cert: file('soon.pem'), key: file('soon.key') };
    const said = settings({
      origin: { url: origin, ...pair },
      origins: { api: { url: 'https://api.test', ...pair } },
      routes: [{ match: { path: '/api' }, origin: 'api' }],
    });
    expect(warningsOf(said)).toEqual([expect.stringMatching(/^the certificate .*soon\.pem expires in 2 days, on 20/)]);
    expect(shownCertificates(said).map(({ certFile }) => certFile)).toEqual([file('soon.pem')]);
  });
});
