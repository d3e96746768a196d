import { expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const answer = (): string =>
  responseWith('content', ['Cache-Control: max-age=10, stale-while-revalidate=600', 'ETag: "v1"', 'Vary: X-Tenant']);

/** The fields of the answer to each of these requests, each on the same connection, in lower case. */
async function fieldsOf({ client }: ProxyStage, requests: readonly string[]): Promise<readonly string[]> {
  const asking = client();
  const found: string[] = [];
  for (const request of requests) {
    asking.send(`${request}\r\n\r\n`);
    await asking.until(
      (received) =>
        readResponses(
          received,
          [...found, ''].map(() => 'GET'),
        ).messages.length > found.length,
    );
    const { messages } = readResponses(
      asking.received,
      [...found, ''].map(() => 'GET'),
    );
    found.push(messages[found.length]?.fields.map(([name, value]) => `${name}: ${value}`).join('\n') ?? '');
  }
  return found;
}

/** A miss, a hit, another variant, a validation, and what nobody may be asked for. */
const requests = [
  'GET /a HTTP/1.1\r\nHost: shop.test',
  'GET /a HTTP/1.1\r\nHost: shop.test',
  'GET /a HTTP/1.1\r\nHost: shop.test\r\nX-Tenant: other',
  'GET /a HTTP/1.1\r\nHost: shop.test\r\nCache-Control: no-cache',
  'GET /b HTTP/1.1\r\nHost: shop.test\r\nCache-Control: only-if-cached',
];

const statusOf = (fields: string): string | undefined => /^cache-status: (.*)$/m.exec(fields)?.[1];

/** What of them does not differ by the time alone. */
function comparable(fields: readonly string[]): readonly string[] {
  return fields.map((each) => each.replaceAll(/^(?:date|via|age): .*$|; ttl=\d+/gm, ''));
}

overBothLanes(() => {
  onShelves(shelves, () => {
    test('by Cache-Status where that is off, and by no more of it than is allowed', async () => {
      const told: Record<string, readonly (string | undefined)[]> = {};
      for (const cacheStatus of ['off', 'brief', 'full'] as const) {
        const fields = await fieldsOf(await proxyStage(answer, { cacheStatus }), requests);
        told[cacheStatus] = fields.map(statusOf);
      }
      expect(told['off']).toEqual(requests.map(() => undefined));
      expect(told['brief']).toEqual([
        'etagere; fwd=uri-miss',
        'etagere; hit',
        'etagere; fwd=vary-miss',
        'etagere; fwd=request',
        'etagere; fwd=uri-miss',
      ]);
      expect(told['full']?.slice(0, 2)).toEqual([
        'etagere; fwd=uri-miss; stored',
        expect.stringMatching(/^etagere; hit; ttl=\d+$/),
      ]);
    });

    test('by anything at all between tenants with authorities of their own', async () => {
      const stage = await proxyStage(answer);
      const askedBy = (host: string): Promise<readonly string[]> =>
        fieldsOf(
          stage,
          ['/a', '/b', '/a'].map((target) => `GET ${target} HTTP/1.1\r\nHost: ${host}`),
        );
      const first = await askedBy('one.test');
      const second = await askedBy('two.test');
      expect(comparable(second)).toEqual(comparable(first));
      expect(statusOf(second[0] ?? '')).toContain('fwd=uri-miss');
      expect(second[0]).not.toMatch(/^age: /m);
      expect(stage.origin.seen.length).toBe(4);
    });
  });
});
