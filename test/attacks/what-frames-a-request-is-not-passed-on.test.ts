import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const head = 'POST /a HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n';

/** RFC 9110 §6.5.1: what a recipient would merge into the head after it was looked at. */
const trailers = [
  'X-Sum: 1',
  'Host: other.test',
  'Authorization: Basic eA==',
  'Cookie: user=1',
  'Cache-Control: no-store',
];

overBothLanes(() => {
  test.each(trailers)('neither the trailer %s, announced or not', async (line) => {
    const { exchange, origin } = await proxyStage(({ content }) => responseWith(content));
    for (const announced of ['', `Trailer: ${line.split(':')[0] ?? ''}\r\n`]) {
      const received = await exchange(`${head}${announced}\r\n3\r\nabc\r\n0\r\n${line}\r\n\r\n`);
      expect(readResponses(received, ['POST'], true).messages.map(({ content }) => content)).toEqual(['abc']);
    }
    for (const seen of origin.seen) {
      expect([seen.content, seen.trailers, seen.values('trailer')]).toEqual(['abc', [], []]);
      expect(seen.raw).not.toContain(line);
    }
    expect([origin.seen.length, origin.faults()]).toEqual([2, []]);
  });

  test('nor extensions of chunks', async () => {
    const { exchange, origin } = await proxyStage(({ content }) => responseWith(content));
    await exchange(`${head}\r\n3;canary=1\r\nabc\r\n0;canary\r\n\r\n`);
    expect(origin.seen.map(({ content, raw }) => [content, raw.includes('canary')])).toEqual([['abc', false]]);
  });

  test.each(['extensions', 'trailers'])('%s without end are refused', async (which) => {
    const { client, origin } = await proxyStage(() => responseWith('never'));
    const asking = client();
    const long = 'x'.repeat(64 * 1_024);
    asking.send(`${head}\r\n3${which === 'extensions' ? `;${long}` : `\r\nabc\r\n0\r\nX: ${long}`}`);
    await asking.closed;
    const { messages } = readResponses(asking.received, ['POST'], true);
    expect(messages.map(({ startLine }) => startLine.slice(9, 12))).toEqual([expect.toBeOneOf(['400', '413', '431'])]);
    expect([origin.seen, origin.faults()]).toEqual([[], []]);
  });
});
