import { describe, expect, test } from 'vitest';
import { adminStage } from '../harness/admin-stage.ts';
import { overBothLanes, type ProxyStage } from '../harness/proxy-stage.ts';
import { readResponses } from '../harness/strict-messages.ts';

/** The status of the one response to these lines, and what of the request has come to the origin. */
async function answered(
  { exchange, origin }: ProxyStage,
  lines: readonly string[],
  content = '',
): Promise<readonly [status: number, atOrigin: string | undefined]> {
  const before = origin.seen.length;
  const received = await exchange([...lines, 'Connection: close', '', content].join('\r\n'));
  const { messages, fault } = readResponses(received, ['GET'], true);
  expect([messages.length, fault]).toEqual([1, undefined]);
  const seen = origin.seen[before];
  return [Number(messages[0]?.startLine.slice(9, 12)), seen && `${seen.method} ${seen.target}`];
}

const proxied = ['Via: 1.1 proxy', 'X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'X-Real-IP: 127.0.0.1'];
const ofPages = ['Origin: http://shop.test', 'Sec-Fetch-Site: same-origin', 'Origin: null'];

overBothLanes(() => {
  describe('PURGE from whoever may not', () => {
    test.each<[string, (admin: string) => readonly string[], number]>([
      ['as it is', () => ['PURGE /a HTTP/1.1', 'Host: shop.test'], 501],
      ['hard', () => ['PURGE /a HTTP/1.1', 'Host: shop.test', 'Purge-Mode: hard'], 501],
      ['with the whole URL', () => ['PURGE http://shop.test/a HTTP/1.1', 'Host: shop.test'], 501],
      ['with the name of the admin listener', (admin) => ['PURGE /a HTTP/1.1', `Host: ${admin}`], 501],
      ['with its URL', (admin) => [`PURGE http://${admin}/v1/purge HTTP/1.1`, `Host: ${admin}`], 501],
      ['with content', () => ['PURGE /a HTTP/1.1', 'Host: shop.test', 'Content-Length: 0'], 501],
    ])('is nothing, %s', async (_, linesFor, status) => {
      const stage = await adminStage();
      expect(await answered(stage, linesFor(stage.admin))).toEqual([status, undefined]);
      expect(await stage.isStillStored()).toBe(true);
    });

    test('is nothing where others may, whatever it says of itself, though its peer be believed', async () => {
      const stage = await adminStage({ purgeFrom: ['10.0.0.0/8'], trustProxy: ['127.0.0.0/8'] });
      for (const claim of ['', ...proxied.map((each) => each.replace('127.0.0.1', '10.0.0.1'))]) {
        const lines = ['PURGE /a HTTP/1.1', 'Host: shop.test', claim].filter((line) => line !== '');
        expect(await answered(stage, lines)).toEqual([403, undefined]);
      }
      expect(await stage.isStillStored()).toBe(true);
    });

    test.each([...proxied, ...ofPages])('is nothing from an address that may, for somebody else: %s', async (line) => {
      const stage = await adminStage({ purgeFrom: ['127.0.0.1'], trustProxy: ['127.0.0.0/8'] });
      const hidden = `Connection: ${line.split(':')[0]}`;
      for (const lines of [[line], [line, hidden], [hidden, line.toLowerCase()]])
        expect(await answered(stage, ['PURGE /a HTTP/1.1', 'Host: shop.test', ...lines])).toEqual([403, undefined]);
      expect(await stage.isStillStored()).toBe(true);
      expect(await answered(stage, ['PURGE /a HTTP/1.1', 'Host: shop.test'])).toEqual([200, undefined]);
      expect(await stage.isStillStored()).toBe(false);
    });

    test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
      'is nothing by %s, from an address that may',
      async (name) => {
        const stage = await adminStage({ purgeFrom: ['127.0.0.1'], trustProxy: ['127.0.0.0/8'] });
        await stage.get('/a', [`${name}: PURGE`, 'Purge-Mode: hard']);
        expect(await stage.isStillStored()).toBe(true);
      },
    );
  });

  describe('a path of the admin API', () => {
    test.each([
      'GET /metrics',
      'GET /healthz',
      'GET /readyz',
      'GET /openapi.json',
      'GET /v1/stats',
      'GET /v1/config',
      'GET /v1/entries',
      'GET /v1/tail',
      'POST /v1/purge',
      'POST /v1/reload',
    ])('is one of the origin where clients ask, by whatever name: %s', async (line) => {
      const stage = await adminStage();
      const [method, path] = line.split(' ');
      const content = method === 'POST' ? '{"all":true,"mode":"hard"}' : '';
      const more = method === 'POST' ? ['Content-Type: application/json', `Content-Length: ${content.length}`] : [];
      for (const lines of [
        [`${line} HTTP/1.1`, 'Host: shop.test'],
        [`${line} HTTP/1.1`, `Host: ${stage.admin}`],
        [`${method} http://${stage.admin}${path} HTTP/1.1`, `Host: ${stage.admin}`],
        [`${line}?again HTTP/1.1`, 'Host: localhost'],
      ]) {
        const target = lines[0]?.includes('?again') === true ? `${line}?again` : line;
        const [status, atOrigin] = await answered(stage, [...lines, ...more], content);
        // The third asks for what the second has brought.
        expect([status, atOrigin ?? target]).toEqual([200, target]);
      }
      expect(stage.origin.faults()).toEqual([]);
      expect(await stage.isStillStored()).toBe(true);
    });
  });
});
