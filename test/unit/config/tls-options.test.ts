import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expiryWarnings } from '../../../src/config/certificate-expiry.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import { selfReferences } from '../../../src/config/self-reference.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { shownSettings } from '../../../src/config/shown.ts';
import { changesOf, settingsInForce } from '../../../src/config/changes.ts';
import { warningsOf } from '../../../src/config/warnings.ts';
import { otherCertificate, otherKey } from '../../harness/other-certificate.ts';
import { certificate, certificateKey } from '../origin/certificate.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etagere-tls-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function settings(options: Partial<EtagereOptions>): Settings {
  return resolveSettings({ origin: 'http://localhost:3000', ...options });
}

function pair(): { readonly tlsCert: string; readonly tlsKey: string } {
  return { tlsCert: file('cert.pem', certificate), tlsKey: file('key.pem', certificateKey) };
}

describe('addresses', () => {
  it.each<[listen: EtagereOptions['listen'], urls: readonly string[]]>([
    ['0.0.0.0:8443', ['https://0.0.0.0:8443']],
    [8443, ['https://127.0.0.1:8443']],
    [
      ['http://0.0.0.0:80', 'https://[::]:443', ':8443'],
      ['http://0.0.0.0:80', 'https://[::]:443', 'https://127.0.0.1:8443'],
    ],
    ['HTTPS://localhost:8443/', ['https://localhost:8443']],
  ])('are https with a certificate, unless they say otherwise: %j', (listen, urls) => {
    expect(shownSettings(settings({ ...pair(), listen: listen ?? 0 }))['listen']).toEqual(urls);
  });

  it('of https need a certificate', () => {
    expect(() => settings({ listen: 'https://0.0.0.0:443' })).toThrow(
      'listen: there is no certificate for https://0.0.0.0:443; name one: --tls-cert FILE --tls-key FILE',
    );
  });

  it.each(['ftp://a:1', 'https://a:1/path', 'https://'])('are not %s', (listen) => {
    expect(() => settings({ ...pair(), listen })).toThrow(/is not an address to listen on/);
  });

  it.each([
    ['https://localhost:8443', 'http://127.0.0.1:8443', false],
    ['https://localhost:8443', 'https://127.0.0.1:8443', true],
    ['https://localhost', 'https://127.0.0.1:443', true],
    ['http://localhost', 'https://127.0.0.1:443', false],
  ])('are those of an origin only with the same scheme: %s, %s', (origin, listen, isSame) => {
    expect(selfReferences(settings({ ...pair(), origin, listen })).length === 1).toBe(isSame);
  });

  it('of http alone have the certificate told as unused', () => {
    expect(warningsOf(settings({ ...pair(), listen: 'http://127.0.0.1:80' }))).toEqual([
      'tlsCert is for no address: all of listen are http',
    ]);
  });
});

describe('a certificate', () => {
  it('is shown by the names of its files alone, and read again gives the same settings', () => {
    const said = settings(pair());
    const shown = shownSettings(said);
    expect(JSON.stringify(shown)).not.toContain('PRIVATE');
    const again = resolveSettings({ origin: 'http://localhost:3000', ...pair(), listen: shown['listen'] as string[] });
    expect(again.listen).toEqual(said.listen);
    expect([shown['tlsCert'], shown['tlsKey']]).toEqual([[pair().tlsCert], [pair().tlsKey]]);
  });

  it.each<[what: string, options: () => Partial<EtagereOptions>, complaint: RegExp]>([
    [
      'without a key',
      () => ({ tlsCert: pair().tlsCert }),
      /tlsCert: there is no key for it; name both: --tls-cert FILE --tls-key FILE$/,
    ],
    ['of which only the key is there', () => ({ tlsKey: pair().tlsKey }), /tlsKey: there is no certificate for it/],
    [
      'beside one without a key',
      () => ({ tlsCert: [pair().tlsCert, pair().tlsCert], tlsKey: pair().tlsKey }),
      /there are 2 certificates and 1 key; name as many of the one as of the other$/,
    ],
    ['that is not there', () => ({ ...pair(), tlsCert: join(folder, 'none') }), /none can't be read \(there is none\)/],
    [
      'that is none',
      () => ({ ...pair(), tlsCert: file('text', 'hello') }),
      /text holds no certificate in PEM; name a file that begins with -----BEGIN/,
    ],
    [
      'that is empty',
      () => ({ ...pair(), tlsCert: file('nothing', '') }),
      /nothing is empty; name a file that begins with -----BEGIN CERTIFICATE-----/,
    ],
    [
      'in whose place the key is named',
      () => ({ ...pair(), tlsCert: pair().tlsKey }),
      /key.pem holds a private key, and no certificate; name a file that begins with -----BEGIN CERTIFICATE-----/,
    ],
    [
      'that is cut off',
      () => ({ ...pair(), tlsCert: file('half.pem', certificate.slice(0, 300)) }),
      /the certificate in .*half.pem is cut off: its -----END CERTIFICATE----- is missing; copy it anew, whole and as it was$/,
    ],
    [
      'that is damaged',
      () => ({ ...pair(), tlsCert: file('damaged.pem', certificate.replace(/\nMII/, '\nAAA')) }),
      /the certificate in .*damaged.pem can't be read: it is damaged; copy it anew, whole and as it was$/,
    ],
    [
      'whose key is none',
      () => ({ ...pair(), tlsKey: file('text', 'hello') }),
      /text holds no private key in PEM; name a file that begins with -----BEGIN PRIVATE KEY-----, or has such a line; from DER: openssl pkey -inform der/,
    ],
    [
      'whose key is empty',
      () => ({ ...pair(), tlsKey: file('nothing', '') }),
      /nothing is empty; name a file that begins with -----BEGIN PRIVATE KEY-----/,
    ],
    [
      'in the place of whose key it is named itself',
      () => ({ ...pair(), tlsKey: pair().tlsCert }),
      /cert.pem holds a certificate, and no private key; name/,
    ],
    [
      'whose key is cut off',
      () => ({ ...pair(), tlsKey: file('half.key', certificateKey.slice(0, 100)) }),
      /the private key in .*half.key is cut off: its -----END PRIVATE KEY----- is missing; copy it anew, whole and as it was$/,
    ],
    [
      'whose key is damaged',
      () => ({ ...pair(), tlsKey: file('damaged.key', certificateKey.replace(/\nM/, '\nA')) }),
      /the private key in .*damaged.key can't be read: it is damaged; copy it anew, whole and as it was$/,
    ],
    [
      'whose key has a passphrase',
      () => {
        const { privateKey } = generateKeyPairSync('ec', {
          namedCurve: 'P-256',
          privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' },
          publicKeyEncoding: { type: 'spki', format: 'pem' },
        });
        return { ...pair(), tlsKey: file('locked.pem', privateKey) };
      },
      /the private key in .*locked.pem has a passphrase; take it off: openssl pkey -in .*locked.pem -out KEY-WITHOUT$/,
    ],
    [
      'with the key of another',
      () => ({ ...pair(), tlsKey: file('other.key', otherKey) }),
      /other.key is not the key of .*cert.pem/,
    ],
    [
      'whose chain is cut off',
      () => ({ ...pair(), tlsCert: file('cut.pem', `${certificate}${otherCertificate.slice(0, 200)}\n`) }),
      /certificate 2 of 2 in .*cut.pem is cut off: its -----END CERTIFICATE----- is missing; copy it anew/,
    ],
  ])('%s is refused', (_, options, complaint) => {
    expect(() => settings(options())).toThrow(complaint);
  });

  it('is another where what is in its file is another, and takes effect at once', () => {
    const before = settings(pair());
    const tlsCert = file('cert.pem', otherCertificate);
    const next = settings({ tlsCert, tlsKey: file('key.pem', otherKey) });
    const inForce = settingsInForce(before, before, next);
    expect(inForce.tlsCert).toEqual(next.tlsCert);
    expect(changesOf(before, inForce, next)).toEqual({ inPlace: ['tlsCert'], restart: [] });
  });

  it('that was not there at the start, or is no more, waits for the next one', () => {
    const [without, withOne] = [settings({}), settings(pair())];
    for (const [before, next] of [
      [without, withOne],
      [withOne, without],
    ] as const) {
      const inForce = settingsInForce(before, before, next);
      expect(inForce.tlsCert).toEqual(before.tlsCert);
      expect(changesOf(before, inForce, next).restart).toEqual(['listen', 'tlsCert']);
    }
  });
});

describe('the end of a certificate', () => {
  const dayMs = 86_400_000;
  const expiresAt = Date.UTC(2030, 0, 31, 12);
  const warned = (days: number): string[] =>
    expiryWarnings(
      { tlsCert: [{ certFile: '/tls/a.pem', keyFile: '/tls/a.key', cert: '', key: '', expiresAt }], origins: [] },
      expiresAt - days * dayMs,
    );

  it.each([
    [14.01, []],
    [14, ['the certificate /tls/a.pem expires in 14 days, on 2030-01-31']],
    [1, ['the certificate /tls/a.pem expires in a day, on 2030-01-31']],
    [0, ['the certificate /tls/a.pem has expired on 2030-01-31: clients refuse it']],
  ])('is warned of from 14 days before: %d', (days, warnings) => {
    expect(warned(days)).toEqual(warnings);
  });
});
