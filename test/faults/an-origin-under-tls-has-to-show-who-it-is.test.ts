import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.ts';
import { createEtagere, type EtagereOptions } from '../../src/index.ts';
import { Upstreams } from '../../src/upstreams.ts';
import { type IssuedCertificate, issuedCertificate } from '../harness/issued-certificate.ts';
import { atEnd } from '../harness/proxy-stage.ts';
import { turnstile } from '../store/turnstile.ts';
import { certificateFiles } from '../harness/tls-stage.ts';
import { tlsOrigin, type TlsOrigin } from '../harness/tls-origin.ts';

const root = issuedCertificate('root', { isAuthority: true, hosts: [] });
const between = issuedCertificate('between', { isAuthority: true, hosts: [], issuer: root });
const good = issuedCertificate('localhost', { issuer: root });
const below = issuedCertificate('localhost', { issuer: between });
const strangeRoot = issuedCertificate('strange', { isAuthority: true, hosts: [] });
const strange = issuedCertificate('localhost', { issuer: strangeRoot });

/** What a client gets. */
interface Answer {
  readonly status: number;
  readonly content: string;
  readonly cacheStatus: string;
  readonly proxyStatus: string;
}

interface Stage {
  readonly origin: TlsOrigin;
  readonly get: (target?: string, host?: string) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** An Etagere before an origin that is asked over TLS. */
async function stage(
  tls: TlsOptions,
  options: (origin: TlsOrigin) => Promise<EtagereOptions>,
  answer: RequestListener = (_, response) => response.end('yes'),
): Promise<Stage> {
  const origin = await tlsOrigin(tls, answer);
  const etagere = createEtagere({ listen: 0, limits: { overloadDelayMs: 0 }, ...(await options(origin)) });
  atEnd(() => etagere.close());
  const url = await etagere.listen();
  const get: Stage['get'] = (target = '/', host = 'shop.test') => got(url, target, host);
  return { origin, get, close: () => etagere.close() };
}

async function got(url: string, target: string, host: string): Promise<Answer> {
  const { statusCode, headers, body } = await request(`${url}${target}`, { headers: { host } });
  const field = (name: string): string => [headers[name] ?? ''].flat().join(', ');
  return {
    status: statusCode,
    content: await body.text(),
    cacheStatus: field('cache-status'),
    proxyStatus: field('proxy-status'),
  };
}

async function trusting(...certificates: readonly { readonly cert: string }[]): Promise<string> {
  const { certFile } = await certificateFiles(certificates.map(({ cert }) => cert).join(''));
  return certFile;
}

describe('an origin is trusted', () => {
  test.each<[what: string, tls: TlsOptions, trusted: readonly { readonly cert: string }[]]>([
    ['by the root above it', good, [root]],
    ['by the second of two roots', good, [strangeRoot, root]],
    ['by the root above the one that it sends along', { cert: below.cert + between.cert, key: below.key }, [root]],
    ['by the authority between, whose root nobody has', below, [between]],
    ['by its own certificate', good, [good]],
  ])('%s', async (_, { cert, key }, trusted) => {
    const { origin, get } = await stage({ cert, key }, async ({ url }) => ({
      origin: url,
      originCa: await trusting(...trusted),
    }));
    expect(await get()).toMatchObject({ status: 200, content: 'yes' });
    expect(origin.seen).toMatchObject([{ serverName: 'localhost', host: `localhost:${origin.port}`, client: '' }]);
  });

  test('by its address, which is in its certificate, and is not asked for by name', async () => {
    const { cert, key } = issuedCertificate('by address', { issuer: root, hosts: ['127.0.0.1'] });
    const { origin, get } = await stage({ cert, key }, async ({ port }) => ({
      origin: `https://127.0.0.1:${port}`,
      originCa: await trusting(root),
    }));
    expect((await get()).status).toBe(200);
    expect(origin.seen[0]?.serverName).toBe('');
  });

  test('by another name than its address, whatever Host is sent on', async () => {
    const { cert, key } = issuedCertificate('backend.test', { issuer: root });
    const { origin, get } = await stage({ cert, key }, async ({ port }) => ({
      origin: { url: `https://127.0.0.1:${port}`, preserveHost: true, serverName: 'backend.test' },
      originCa: await trusting(root),
    }));
    expect((await get('/', 'evil.test')).status).toBe(200);
    expect((await get('/b', 'other.test')).status).toBe(200);
    expect(origin.seen).toMatchObject([
      { serverName: 'backend.test', host: 'evil.test' },
      { serverName: 'backend.test', host: 'other.test' },
    ]);
  });

  test('as its own settings say, not as those on top', async () => {
    const { get } = await stage(good, async ({ url }) => ({
      origins: { own: { url, ca: await trusting(root) }, top: url },
      routes: [{ match: { path: '/own' }, origin: 'own' }, { origin: 'top' }],
      originCa: await trusting(strangeRoot),
    }));
    expect((await get('/own')).status).toBe(200);
    expect((await get('/top')).status).toBe(502);
  });
});

const invalid = 'ORIGIN_CERTIFICATE_INVALID';

function after(hours: number): Date {
  return new Date(Date.now() + hours * 3_600_000);
}

type Refused = readonly [what: string, tls: TlsOptions, says: string];

const refused: readonly Refused[] = [
  ['whose certificate signs itself', issuedCertificate('localhost'), 'it is signed by itself'],
  [
    'whose authority is not trusted',
    { cert: strange.cert + strangeRoot.cert, key: strange.key },
    'nor is the authority above it',
  ],
  ['that does not send what is between', below, 'what it sends does not lead to an authority that is'],
  [
    'whose certificate has expired',
    issuedCertificate('localhost', { issuer: root, notAfter: after(-1) }),
    'its certificate has expired',
  ],
  [
    'whose certificate is not valid yet',
    issuedCertificate('localhost', { issuer: root, notBefore: after(1) }),
    'its certificate is not valid yet',
  ],
  [
    'whose certificate is for another name',
    issuedCertificate('other.test', { issuer: root }),
    'its certificate is for another name',
  ],
];

describe('an origin gets no request', () => {
  test.each(refused)('%s', async (_, { cert, key }, says) => {
    const { origin, get } = await stage({ cert, key }, async ({ url }) => ({
      origin: url,
      originCa: await trusting(root),
    }));
    const answer = await get();
    expect(answer).toMatchObject({
      status: 502,
      cacheStatus: 'etagere; fwd=uri-miss; detail=origin-certificate-invalid',
    });
    expect(answer.proxyStatus).toContain('error=tls_certificate_error');
    const problem = JSON.parse(answer.content) as { code: string; detail: string };
    expect(problem.code).toBe(invalid);
    expect(problem.detail).toContain(says);
    expect([origin.seen, origin.connections()]).toEqual([[], 1]);
  });

  test('whose certificate is for other names, which operators are told once, and clients never', async () => {
    const told: string[] = [];
    const hear = ({ message }: Error): void => void told.push(message);
    process.on('warning', hear);
    atEnd(() => process.off('warning', hear));
    const { cert, key } = issuedCertificate('any', { issuer: root, hosts: ['one.test', '10.0.0.5'] });
    const { origin, get } = await stage({ cert, key }, async ({ url }) => ({
      origin: url,
      originCa: await trusting(root),
    }));
    const answers = [await get(), await get('/b')];
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect(JSON.stringify(answers)).not.toContain('one.test');
    await expect
      .poll(() => told)
      .toEqual([
        `origin default: ${origin.url} was asked for as localhost, and its certificate is for one.test, 10.0.0.5: write one of these names in its URL, or as its serverName (--origin-server-name), if it is the right server`,
      ]);
  });

  test('whose authority is known to nobody but itself, where nothing is said of trust', async () => {
    const { origin, get } = await stage(good, async ({ url }) => ({ origin: url }));
    expect(JSON.parse((await get()).content)).toMatchObject({ status: 502, code: invalid });
    expect(origin.seen).toEqual([]);
  });

  test('that can not show who it is, whatever a variable says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    atEnd(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    const { origin, get } = await stage(good, async ({ url }) => ({ origin: url }));
    expect((await get()).status).toBe(502);
    expect(origin.seen).toEqual([]);
  });

  test('that has only TLS 1.1', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    const { origin, get } = await stage({ ...good, ...old }, async ({ url }) => ({
      origin: url,
      originCa: await trusting(root),
    }));
    const answer = await get();
    expect(answer.cacheStatus).toBe('etagere; fwd=uri-miss; detail=origin-tls-alert');
    expect(JSON.parse(answer.content)).toMatchObject({
      status: 502,
      detail: 'it ended TLS with the alert "protocol version"',
    });
    expect(origin.seen).toEqual([]);
  });

  test('and the log says why', async () => {
    const folder = dirname(await trusting(root));
    const logFile = join(folder, 'access.log');
    const { cert, key } = issuedCertificate('localhost');
    const { get, close } = await stage({ cert, key }, async ({ url }) => ({ origin: url, logFile, log: 'json' }));
    await get();
    await close();
    const [line = '{}'] = (await readFile(logFile, 'utf8')).split('\n');
    expect(JSON.parse(line)).toMatchObject({ status: 502, error: invalid });
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('an origin that asks for a certificate, over %s,', (version) => {
  const ours = issuedCertificate('etagere', { issuer: root });
  const stranger = issuedCertificate('stranger', { issuer: strangeRoot });
  const asking: TlsOptions = { ...good, ca: root.cert, requestCert: true, minVersion: version, maxVersion: version };
  const withOurs = async (shown?: IssuedCertificate): Promise<Stage> => {
    const pair = shown && (await certificateFiles(shown.cert, shown.key));
    return stage(asking, async ({ url }) => ({
      origin: url,
      originCa: await trusting(root),
      ...(pair === undefined ? {} : { originCert: pair.certFile, originKey: pair.keyFile }),
    }));
  };

  test('gets ours', async () => {
    const { origin, get } = await withOurs(ours);
    expect((await get()).status).toBe(200);
    expect(origin.seen).toMatchObject([{ client: 'etagere' }]);
  });

  test('says so where it gets none, and is told as it says it', async () => {
    const { origin, get } = await withOurs();
    const alert = version === 'TLSv1.3' ? 'certificate required' : 'handshake failure';
    for (const target of ['/a', '/b']) {
      const answer = await get(target);
      expect(answer).toMatchObject({ status: 502, cacheStatus: 'etagere; fwd=uri-miss; detail=origin-tls-alert' });
      expect(answer.proxyStatus).toContain('error=tls_alert_received');
      expect(JSON.parse(answer.content)).toMatchObject({ detail: `it ended TLS with the alert "${alert}"` });
    }
    expect(origin.seen).toEqual([]);
  });

  test('may say nothing where it gets that of a stranger, as a server of Node does', async () => {
    const { origin, get } = await withOurs(stranger);
    expect(await get()).toMatchObject({ status: 502, cacheStatus: 'etagere; fwd=uri-miss; detail=origin-broken' });
    expect(origin.seen).toEqual([]);
  });
});

describe('while the certificate of an origin has expired', () => {
  test('what is stored stands in under stale-if-error, and no longer than that', async () => {
    const { origin: tls, get } = await stage(
      good,
      async ({ url }) => ({ origin: url, originCa: await trusting(root) }),
      (_, response) => {
        response.setHeader('cache-control', 'max-age=10, stale-if-error=60');
        response.setHeader('age', '20');
        response.setHeader('etag', '"v1"');
        response.end('stored');
      },
    );
    expect(await get('/')).toMatchObject({ status: 200, content: 'stored' });
    const { cert, key } = issuedCertificate('localhost', { issuer: root, notAfter: after(-1) });
    tls.renew({ cert, key });
    for (let times = 0; times < 2; times++) {
      const answer = await get('/');
      expect(answer).toMatchObject({ status: 200, content: 'stored' });
      expect(answer.cacheStatus).toMatch(/; ttl=-\d+; detail=stale-if-error$/);
      expect(answer.proxyStatus).toContain('error=tls_certificate_error');
    }
    expect((await get('/other')).status).toBe(502);
    expect(tls.seen.length).toBe(1);
    tls.renew({ cert: good.cert, key: good.key });
    expect((await get('/')).status).toBe(200);
    expect(tls.seen.length).toBe(2);
  });

  test('its health checks fail, over the same TLS as all else', async () => {
    const ours = issuedCertificate('etagere', { issuer: root });
    const pair = await certificateFiles(ours.cert, ours.key);
    const asking: TlsOptions = { ...good, ca: root.cert, requestCert: true };
    const asked = turnstile();
    const tls = await tlsOrigin(asking, (_, response) => {
      response.end('yes');
      asked.open();
    });
    const expired = issuedCertificate('localhost', { issuer: root, notAfter: after(-1) });
    const ill = await tlsOrigin({ ...asking, ...expired }, (_, response) => response.end('ill'));
    const settings = resolveSettings({
      origin: {
        url: [tls.url, ill.url],
        healthCheck: { path: '/healthz', interval: '1h', timeout: '30s', unhealthyAfter: 1 },
      },
      originCa: await trusting(root),
      originCert: pair.certFile,
      originKey: pair.keyFile,
    });
    const changes: string[] = [];
    const told = new Promise<void>((resolve) => {
      const upstreams = new Upstreams(settings, (line) => {
        changes.push(line);
        // A check that failed has asked nothing.
        if (line.includes(tls.url)) asked.open();
        else resolve();
      });
      atEnd(() => upstreams.close());
    });
    await Promise.all([told, asked.opened]);
    expect(changes).toEqual([expect.stringContaining(ill.url)]);
    expect([ill.seen, tls.seen[0]?.client]).toEqual([[], 'etagere']);
  });
});
