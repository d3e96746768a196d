import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';
import { readResponses } from '../harness/strict-messages.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';
const last = 'GET /a HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';
const fresh = ['Cache-Control: max-age=600'];

overBothLanes(() => {
  test('of 100, where the client waits for it: the origin is not asked again', async () => {
    const stage = await proxyStage(({ content }) => responseWith(content));
    const client = stage.client();
    client.send('POST /a HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    await client.until((received) => received.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
    client.send('abcdePOST /b HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\nContent-Length: 2\r\n\r\nfg');
    await client.closed;
    const { messages, rest, fault } = readResponses(client.received, ['POST', 'POST'], true);
    expect([messages.map(({ content }) => content), rest, fault]).toEqual([['', 'abcde', 'fg'], '', undefined]);
    expect(stage.origin.seen.map(({ values, content }) => [values('expect'), content])).toEqual([
      [[], 'abcde'],
      [[], 'fg'],
    ]);
  });

  test.each(['GET', 'HEAD'])('of 100, with %s for what is stored: its content is no request', async (method) => {
    const stage = await proxyStage(({ target }) => responseWith(target, fresh));
    await stage.get('/a');
    const lines = `Expect: 100-continue\r\nContent-Length: ${smuggled.length}\r\n`;
    const received = await stage.exchange(`${method} /a HTTP/1.1\r\nHost: shop.test\r\n${lines}\r\n${smuggled}${last}`);
    const { messages, rest, fault } = readResponses(received, [method, 'GET'], true);
    const final = messages.filter(({ startLine }) => !startLine.startsWith('HTTP/1.1 1'));
    const content = method === 'GET' ? '/a' : '';
    expect([final.map((response) => response.content), rest, fault]).toEqual([[content, '/a'], '', undefined]);
    expect(stage.origin.seen.filter(({ target }) => target !== '/a')).toEqual([]);
  });

  describe.each(['GET', 'POST'])('%s', (method) => {
    test.each(['y 100-continue', '100-continue, 100-continue', '100-continue y', '200-ok', '', '100-continue;a=b'])(
      'of %j is refused, also for what is stored',
      async (expectation) => {
        const stage = await proxyStage(() => responseWith('stored', fresh));
        await stage.get('/a');
        const bytes = `${method} /a HTTP/1.1\r\nHost: shop.test\r\nExpect: ${expectation}\r\nContent-Length: ${smuggled.length}\r\n\r\n`;
        expect(await refusal(stage, bytes)).toEqual({ ...cleanRefusal, status: 417 });
      },
    );
  });
});
