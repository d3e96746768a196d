import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { overBothLanes, onShelves, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

/** Every spelling of an authority, and the one form of it (RFC 9110 §4.2.3). */
const spellings = [
  ['shop.test', 'shop.test'],
  ['SHOP.test:80', 'shop.test'],
  ['shop.test:', 'shop.test'],
  ['shop.test:8080', 'shop.test:8080'],
  ['shop.test:443', 'shop.test:443'],
  ['shop.test.', 'shop.test.'],
  ['other.test', 'other.test'],
  ['[::1]:80', '[::1]'],
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', 'localhost'],
] as const;

const rounds = 25;

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test('however it is spelt, in origin-form or in absolute-form, with a thousand requests side by side', async () => {
      let generation = 0;
      const { client, origin } = await proxyStage(({ target, values }) => {
        const [host = ''] = values('x-forwarded-host');
        const content = describedContent({ url: host + target, variant: '', user: '', generation: ++generation });
        return responseWith(content, ['Cache-Control: max-age=600']);
      });
      const ask = async (): Promise<void> => {
        const requests = spellings.flatMap(([host, normal]) => [
          { bytes: `GET /a HTTP/1.1\r\nHost: ${host}\r\n`, url: `${normal}/a` },
          { bytes: `GET http://${host}/a HTTP/1.1\r\nHost: ${normal}\r\n`, url: `${normal}/a` },
        ]);
        const asking = client();
        asking.send(`${requests.map(({ bytes }) => bytes).join('\r\n')}Connection: close\r\n\r\n`);
        await asking.closed;
        const methods = requests.map(() => 'GET');
        const { messages } = readResponses(asking.received, methods, true);
        const urls = messages.map(({ content }) => describedBy(content).url);
        expect(urls).toEqual(requests.map(({ url }) => url));
      };
      for (let round = 0; round < rounds; round++) await Promise.all([ask(), ask()]);
      const authorities = new Set(spellings.map(([, normal]) => normal));
      // Each of them was asked for once, and the same one is told to the origin.
      expect(origin.seen.map(({ values }) => values('x-forwarded-host').join()).toSorted()).toEqual(
        [...authorities].toSorted(),
      );
      expect(origin.faults()).toEqual([]);
    });
  });

  test('where it is that of another scheme, it is refused', async () => {
    const { exchange, origin } = await proxyStage(() => responseWith('never'));
    const received = await exchange('GET https://shop.test/a HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    expect([received.slice(0, 12), origin.connections.length]).toEqual(['HTTP/1.1 400', 0]);
  });
});
