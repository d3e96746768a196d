import { describe, expect, test } from 'vitest';
import { overBothLanes, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';
const last = 'GET /a HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';

function framed(content: string, framing: string): string {
  return framing === 'a length'
    ? `Content-Length: ${content.length}\r\n\r\n${content}`
    : `Transfer-Encoding: chunked\r\n\r\n${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`;
}

/** With a response for /a on the shelf. */
async function primed(limits: Parameters<typeof proxyStage>[1] = {}): Promise<ProxyStage> {
  const stage = await proxyStage(({ target }) => responseWith(target, ['Cache-Control: max-age=600']), limits);
  await stage.get('/a');
  return stage;
}

/** Whatever the content of a request says, nobody has taken it for one (RFC 9112 §6, §9.3). */
function expectNoneSmuggled({ origin }: ProxyStage): void {
  expect(origin.seen.filter(({ target }) => target !== '/a')).toEqual([]);
  expect(origin.faults()).toEqual([]);
}

overBothLanes(() => {
  describe.each(['GET', 'HEAD'])('%s', (method) => {
    test.each(['a length', 'chunks'])('with content by %s, and a request behind it', async (framing) => {
      const stage = await primed();
      const received = await stage.exchange(
        `${method} /a HTTP/1.1\r\nHost: shop.test\r\n${framed(smuggled, framing)}${last}`,
      );
      const { messages, rest, fault } = readResponses(received, [method, 'GET'], true);
      expect([messages.map(({ startLine, content }) => startLine.slice(9, 12) + content), rest, fault]).toEqual([
        [method === 'GET' ? '200/a' : '200', '200/a'],
        '',
        undefined,
      ]);
      expectNoneSmuggled(stage);
    });

    test.each(['a length', 'chunks'])('with more content by %s than is read away', async (framing) => {
      const stage = await primed({ limits: { clientDrainBytes: 1_024 } });
      const received = await stage.exchange(
        `${method} /a HTTP/1.1\r\nHost: shop.test\r\n${framed(smuggled.repeat(400), framing)}${last}`,
      );
      const { messages, rest, fault } = readResponses(received, [method, 'GET'], true);
      expect([rest, fault, messages[0]?.startLine]).toEqual(['', undefined, 'HTTP/1.1 200 OK']);
      for (const { content } of messages) expect(content).toBeOneOf(['', '/a']);
      expectNoneSmuggled(stage);
    });

    test('with content that does not come', async () => {
      const stage = await primed({ limits: { clientHeadTimeoutMs: 300, clientContentIdleMs: 300 } });
      const received = await stage.exchange(
        `${method} /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: ${smuggled.length + 1}\r\n\r\n${smuggled}`,
      );
      const { messages, rest, fault } = readResponses(received, [method], true);
      expect([messages.length, rest, fault]).toEqual([1, '', undefined]);
      expectNoneSmuggled(stage);
    });
  });

  /** Nobody reads on there, either. */
  test.each([
    ['that nobody is asked for', 'GET /b', 'Cache-Control: only-if-cached', '504'],
    ['about the server', 'OPTIONS *', 'X-A: b', '204'],
    ['to what goes no further', 'OPTIONS /a', 'Max-Forwards: 0', '204'],
    ['to a purge', 'PURGE /a', 'X-A: b', '501'],
  ])('of an answer %s', async (_, line, field, status) => {
    for (const framing of ['a length', 'chunks']) {
      const stage = await primed();
      const received = await stage.exchange(
        `${line} HTTP/1.1\r\nHost: shop.test\r\n${field}\r\n${framed(smuggled, framing)}${last}`,
      );
      const { messages, rest, fault } = readResponses(received, ['GET', 'GET'], true);
      expect([messages[0]?.startLine.slice(9, 12), rest, fault]).toEqual([status, '', undefined]);
      for (const { content } of messages.slice(1)) expect(content).toBe('/a');
      expectNoneSmuggled(stage);
    }
  });

  test('of HEAD, answered by the origin, is no answer to the next request', async () => {
    const stage = await proxyStage(({ method, target }) =>
      method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n' : responseWith(target),
    );
    const bytes = `HEAD /b HTTP/1.1\r\nHost: shop.test\r\n${framed(smuggled, 'a length')}${last}`;
    const { messages, rest, fault } = readResponses(await stage.exchange(bytes), ['HEAD', 'GET'], true);
    expect([messages.map(({ content }) => content), rest, fault]).toEqual([['', '/a'], '', undefined]);
    expect(stage.origin.seen.map(({ method, target }) => `${method} ${target}`)).toEqual(['HEAD /b', 'GET /a']);
  });
});
