import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

/** RFC 9112 §7.1, read strictly: what one recipient takes for the end of a chunk must be that for all. */
const wrong: readonly (readonly [what: string, bytes: string])[] = [
  ['a space before the size', ' 5\r\nabcde\r\n0\r\n\r\n'],
  ['a space after the size', '5 \r\nabcde\r\n0\r\n\r\n'],
  ['a size with a prefix', '0x5\r\nabcde\r\n0\r\n\r\n'],
  ['a size with an underscore', '5_0\r\nabcde\r\n0\r\n\r\n'],
  ['a size with a sign', '+5\r\nabcde\r\n0\r\n\r\n'],
  ['no size', '\r\nabcde\r\n0\r\n\r\n'],
  ['a size of 17 digits', '00000000000000005\r\nabcde\r\n0\r\n\r\n'.replace('0000', '1000')],
  ['a bare LF after the size', '5\nabcde\r\n0\r\n\r\n'],
  ['a bare CR after the size', '5\rabcde\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '5;a\nb\r\nabcde\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nabcde\r\n0\r\n\r\n'],
  ['two CR after an extension', '5\r\r;\r\nabcde\r\n0\r\n\r\n'],
  ['one byte too many', '5\r\nabcdeX\r\n0\r\n\r\n'],
  ['two bytes of rubbish in the place of the line end', '5\r\nabcdeXX0\r\n\r\n'],
  ['a bare LF after the data', '5\r\nabcde\n0\r\n\r\n'],
  ['a bare CR after the data', '5\r\nabcde\r0\r\n\r\n'],
  ['a bare LF after the last chunk', '5\r\nabcde\r\n0\n\n'],
];

overBothLanes(() => {
  describe('content that is forwarded', () => {
    test.each(wrong)('with %s', async (_, chunks) => {
      const stage = await proxyStage(() => responseWith('stored'));
      const head = 'POST /a HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n';
      const received = await stage.exchange(`${head}${chunks}GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n`);
      const { messages, rest, fault } = readResponses(received, ['POST'], true);
      expect([messages.map(({ startLine }) => startLine), rest, fault]).toEqual([
        ['HTTP/1.1 400 Bad Request'],
        '',
        undefined,
      ]);
      // What the origin has of it, it must not take for whole.
      expect(stage.origin.seen).toEqual([]);
      await Promise.all(stage.origin.connections.map(({ closed }) => closed));
    });
  });

  test.each(['FFFFFFFFFFFFFFED', '7FFFFFFFFFFFFFFF'])(
    'a chunk of %s bytes is waited for, and what comes after it is never a request',
    async (size) => {
      const stage = await proxyStage(() => responseWith('stored'), { limits: { clientContentIdleMs: 300 } });
      const head = 'POST /a HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n';
      const received = await stage.exchange(
        `${head}${size}\r\nabcde\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n`,
      );
      const { messages, rest, fault } = readResponses(received, ['POST'], true);
      expect([messages.map(({ startLine }) => startLine), rest, fault]).toEqual([
        ['HTTP/1.1 408 Request Timeout'],
        '',
        undefined,
      ]);
      expect([stage.origin.seen, stage.origin.faults()]).toEqual([[], []]);
      await Promise.all(stage.origin.connections.map(({ closed }) => closed));
    },
  );

  test('is told from content that is right', async () => {
    const stage = await proxyStage(() => responseWith('answer'));
    const head = 'POST /a HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
    const received = await stage.exchange(`${head}5;a="b c"\r\nabcde\r\n0A\r\n0123456789\r\n0\r\n\r\n`);
    expect(readResponses(received, ['POST'], true).messages.map(({ content }) => content)).toEqual(['answer']);
    expect(stage.origin.seen.map(({ content }) => content)).toEqual(['abcde0123456789']);
    expect(stage.origin.faults()).toEqual([]);
  });
});
