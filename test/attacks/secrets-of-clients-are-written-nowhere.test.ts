import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { atEnd, onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

/** In every place where there is a secret; it is to be found nowhere else. */
const canary = 'k4n4rienvogel';

const parameters = ['token', 'API_KEY', 'sig', '%74oken', 'X-Amz-Signature', 'code', 'session', '%zz'];
const secretFields = ['Authorization', 'Cookie', 'X-Api-Key', 'X-Auth-Token', 'Proxy-Authorization'];

const query = parameters.map((name) => `${name}=${canary}`).join('&');

/** Stored with all that a response may repeat of it: for the one who asked with it, by Vary. What is stale from its beginning can't be validated. */
function answer({ target, values }: SeenRequest): string {
  if (values('if-none-match').length > 0) return responseWith('away', [], '503 Service Unavailable');
  const lines = [
    ...(target.startsWith('/stale')
      ? ['Cache-Control: public, max-age=10, stale-while-revalidate=600, stale-if-error=600', 'Age: 20']
      : ['Cache-Control: public, max-age=600']),
    'ETag: "v1"',
    `Vary: ${secretFields.join(', ')}, Referer`,
    `Set-Cookie: sid=${canary}; Path=/`,
    `Location: https://shop.test/in?${query}#access_token=${canary}&state=1`,
    `Content-Location: ${target}`,
    `Link: </next?a=1&token=${canary}>; rel=next, </b?sig=${canary}>`,
  ];
  return responseWith('content', lines, '302 Found');
}

/** All that an operator can read there. */
async function toldBy(admin: string): Promise<string> {
  const paths = ['/v1/entries?limit=200', '/v1/top', '/v1/stats', '/v1/config', '/metrics'];
  const answers = await Promise.all(paths.map((path) => fetch(admin + path)));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  return (await Promise.all(answers.map((each) => each.text()))).join('\n');
}

/** Requests with secrets in every place: what is stored, found again, refused, and can not be had; what the clients got. */
async function asked(stage: ProxyStage): Promise<string> {
  const fields = [...secretFields, 'X-Other-Secret'].map((name) => `${name}: a=${canary}`);
  const head = (line: string): string =>
    [line, 'Host: shop.test', `Referer: http://other.test/?${query}`, ...fields, '', ''].join('\r\n');
  const received: string[] = [];
  const targets = [`/stale?${query}`, `/stale?${query}`, `/a?${query}`, `/a?${query}`];
  for (const line of [...targets.map((target) => `GET ${target} HTTP/1.1`), `HEAD /a?${query} HTTP/1.1`]) {
    const client = stage.client();
    client.send(head(line));
    await client.until((bytes) => bytes.includes('\r\n\r\n'));
    received.push(client.received);
  }
  received.push(await stage.exchange(head(`GET /a?${query}| HTTP/1.1`)));
  received.push(await stage.exchange(head(`GET http://user:${canary}@shop.test/a HTTP/1.1`)));
  return received.join('\n');
}

overBothLanes(() => {
  onShelves(shelves, () => {
    test.each(['json', 'combined', 'pretty'] as const)(
      'neither in a log (%s), nor to operators, nor in what Etagere itself says to clients',
      async (log) => {
        const directory = await mkdtemp(join(tmpdir(), 'etagere-log-'));
        atEnd(() => rm(directory, { recursive: true }));
        const logFile = join(directory, 'log');
        const errors = vi.spyOn(process.stderr, 'write');
        const stage = await proxyStage(answer, { admin: 0, log, logFile });
        const admin = await stage.etagere.listenAdmin();
        const tail = await fetch(`${admin}/v1/tail`);
        const reader = tail.body?.getReader();
        const received = await asked(stage);
        const ownLines = received.match(/^(?:cache-status|proxy-status|via|age|date):.*$/gim)?.join('\n') ?? '';
        expect(ownLines).toContain('etagere; hit');
        const preview = await fetch(`${admin}/v1/purge/preview?prefix=${encodeURIComponent('http://shop.test/')}`);
        const told = (await toldBy(admin)) + (await preview.text());
        expect(told).toContain('/a?token=[redacted]');
        const failed = log === 'combined' ? '/stale' : 'validation';
        await expect.poll(() => readFile(logFile, 'utf8')).toContain(failed);
        for (const kind of ['url', 'prefix']) await stage.etagere.purge({ [kind]: `http://shop.test/a?${query}` });
        let lines = '';
        while (lines.split('\n').length < 6) lines += Buffer.from((await reader?.read())?.value ?? []).toString();
        await reader?.cancel();
        await stage.etagere.close();
        const logged = await readFile(logFile, 'utf8');
        expect(logged).toContain('/a?token=[redacted]');
        const texts = { ownLines, told, lines, logged, errors: JSON.stringify(errors.mock.calls) };
        errors.mockRestore();
        for (const [where, text] of Object.entries(texts)) {
          const at = text.indexOf(canary);
          expect(`${where}: ${at === -1 ? '' : text.slice(Math.max(0, at - 80), at)}`).toBe(`${where}: `);
        }
      },
    );
  });
});
