import { expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';
import { readResponses } from '../harness/strict-messages.ts';

const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=600\r\n\r\n6\r\nstored\r\n0\r\n\r\n';

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test.each([[], ['Connection: keep-alive'], ['TE: chunked, trailers']])(
      'and never gets chunks, which it does not know, with %j (RFC 9112 §6.1)',
      async (...lines) => {
        const stage = await proxyStage(() => chunked);
        const bytes = ['GET /a HTTP/1.0', 'Host: shop.test', ...lines, '', ''].join('\r\n');
        for (const became of ['fwd=uri-miss', '; hit']) {
          const client = stage.client();
          client.send(bytes);
          await client.until((received) => received.includes('\r\n\r\nstored'));
          client.socket.end();
          await client.closed;
          const [message, ...more] = readResponses(client.received, ['GET'], true).messages;
          const fields = new Map(message?.fields);
          expect([message?.content, fields.get('transfer-encoding'), more]).toEqual(['stored', undefined, []]);
          expect(fields.get('cache-status')).toContain(became);
        }
      },
    );
  });

  test('without Host it gets what is for our own address, and never what is for a name', async () => {
    const stage = await proxyStage(({ values }) =>
      responseWith(values('x-forwarded-host').join(), ['Cache-Control: max-age=600']),
    );
    expect((await stage.get('/a')).content).toBe('shop.test');
    const received = await stage.exchange('GET /a HTTP/1.0\r\n\r\n');
    expect(readResponses(received, ['GET'], true).messages.map(({ content }) => content)).toEqual([
      `127.0.0.1:${stage.port}`,
    ]);
    expect((await stage.get('/a')).content).toBe('shop.test');
  });

  test('with chunks of its own it is refused, as whoever reads by its rules sees no end (RFC 9112 §6.1)', async () => {
    const stage = await proxyStage(() => responseWith('never'));
    const head = 'POST /a HTTP/1.0\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await refusal(stage, `${head}3\r\nabc\r\n0\r\n\r\n`)).toEqual({ ...cleanRefusal, status: 400 });
  });
});
