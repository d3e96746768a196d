import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const start = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n';
const lastChunk = '\r\n\r\n0\r\n\r\n';

/** RFC 9112 §6.1, §6.3: nobody after us may find another end of it. CVE-2026-1525 for the letter case. */
const framings: readonly (readonly [what: string, response: string])[] = [
  ['a length, then a coding', `${start}Content-Length: 5\r\nTransfer-Encoding: chunked${lastChunk}`],
  ['a coding, then a length', `${start}Transfer-Encoding: chunked\r\nContent-Length: 5${lastChunk}`],
  ['two lengths', `${start}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde`],
  ['one length twice, in two letter cases', `${start}Content-Length: 3\r\ncOnTent-lengtH: 3\r\n\r\nabc`],
  ['a length of 2^64', `${start}Content-Length: 18446744073709551616\r\n\r\nabc`],
  ['a length of 2^64 and 3', `${start}Content-Length: 18446744073709551619\r\n\r\nabc`],
  ['a length with a prefix', `${start}Content-Length: 0x3\r\n\r\nabc`],
  ['a length with a sign', `${start}Content-Length: -3\r\n\r\nabc`],
  ['a length of two numbers', `${start}Content-Length: 3 3\r\n\r\nabc`],
  ['a length with an underscore', `${start}Content-Length: 1_0\r\n\r\nabc`],
  ['no length in its field', `${start}Content-Length:\r\n\r\nabc`],
  ['gzip alone', `${start}Transfer-Encoding: gzip\r\n\r\nabc`],
  ['gzip and chunked', `${start}Transfer-Encoding: gzip, chunked${lastChunk}`],
  ['an empty member before chunked', `${start}Transfer-Encoding: ,chunked${lastChunk}`],
  ['an empty member after chunked', `${start}Transfer-Encoding: chunked,${lastChunk}`],
  ['chunked, then identity', `${start}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity${lastChunk}`],
  ['a vertical tab before chunked', `${start}Transfer-Encoding: \u000bchunked${lastChunk}`],
  ['chunked in quotes', `${start}Transfer-Encoding: "chunked"${lastChunk}`],
  ['chunked with a parameter', `${start}Transfer-Encoding: chunked;a=b${lastChunk}`],
  ['a coding without a name', `${start}Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc`],
  ['chunked on a folded line', `${start}Transfer-Encoding:\r\n chunked${lastChunk}`],
  ['chunked in HTTP/1.0', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked${lastChunk}`],
];

const end = 'Content-Length: 3\r\n\r\nabc';

/** RFC 9112 §2.2, §4, §5; RFC 9110 §5.5, §5.6.2, §15. CVE-2026-111816 for the redirect. */
const heads: readonly (readonly [what: string, response: string])[] = [
  ['bare LFs', `HTTP/1.1 200 OK\nCache-Control: max-age=600\nContent-Length: 3\n\nabc`],
  ['a bare LF at its end', `${start}Content-Length: 3\r\n\nabc`],
  ['a bare CR in its reason', `HTTP/1.1 200 O\rK\r\n${end}`],
  ['NUL in its reason', `HTTP/1.1 200 O\0K\r\n${end}`],
  ['a control character in its reason', `HTTP/1.1 200 O\u0001K\r\n${end}`],
  ['a bare CR in a value', `${start}X: a\rb\r\n${end}`],
  ['NUL in a value', `${start}X: a\0b\r\n${end}`],
  ['DEL in a value', `${start}X: a\u007fb\r\n${end}`],
  ['a byte beyond ASCII in a name', `${start}X\u00e9: a\r\n${end}`],
  ['NUL in a name', `${start}X\0: a\r\n${end}`],
  ['a space in a name', `${start}X Y: a\r\n${end}`],
  ['a tab before a colon', `${start}X\t: a\r\n${end}`],
  ['a value that is folded with a tab', `${start}X: a\r\n\tb\r\n${end}`],
  ['a blank before its first field', `HTTP/1.1 200 OK\r\n X: a\r\n${end}`],
  ['a line without a colon', `${start}abc\r\n${end}`],
  ['a line for somebody else in a redirect', `HTTP/1.1 302 Found\r\nLocation: /x\nSet-Cookie: a=b\r\n${end}`],
  ['empty lines before it', `\r\n\r\n${start}${end}`],
  ['rubbish before it', `abc${start}${end}`],
  ['two spaces in its first line', `HTTP/1.1  200 OK\r\n${end}`],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n${end}`],
  ['a status of no class', `HTTP/1.1 000 OK\r\n${end}`],
  ['a version that does not exist', `HTTP/1.2 200 OK\r\n${end}`],
  ['the name of another protocol', `ICY 200 OK\r\n${end}`],
  ['no head', '<html>\r\n\r\n</html>'],
  ['the form of a request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
  ['more bytes in its head than are allowed', `${start}X: ${'a'.repeat(70_000)}\r\n${end}`],
];

/** RFC 9112 §7.1. */
const chunks: readonly (readonly [what: string, chunks: string])[] = [
  ['a size with a prefix', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a space behind its size', '3 \r\nabc\r\n0\r\n\r\n'],
  ['no size', '\r\nabc\r\n0\r\n\r\n'],
  ['a size of 17 digits', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
  ['a bare LF behind its size', '3\nabc\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '3;a\nb\r\nabc\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
  ['rubbish behind its data', '3\r\nabcXX0\r\n\r\n'],
  ['a bare LF behind its data', '3\r\nabc\n0\r\n\r\n'],
  ['bare LFs behind the last', '3\r\nabc\r\n0\n\n'],
  ['a folded trailer', '3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n'],
];

/** The first time that it is asked for, the bytes; then a response. */
async function stageWith(bytes: string): Promise<ProxyStage> {
  return proxyStage(({ index }) => (index === 0 ? bytes : responseWith('good', ['Cache-Control: max-age=600'])));
}

/** That it has left nothing: neither on the shelf nor on its connection. */
async function expectNothingLeft({ origin, get }: ProxyStage): Promise<void> {
  await origin.connections[0]?.closed;
  expect((await get('/a')).content).toBe('good');
  expect((await get('/a')).content).toBe('good');
  expect(origin.seen.length).toBe(2);
  expect(origin.faults()).toEqual([]);
}

overBothLanes(() => {
  describe('answered with 502 where there is', () => {
    test.each([...framings, ...heads])('%s', async (_, bytes) => {
      const stage = await stageWith(bytes);
      const received = await stage.ask('/a');
      const { messages, rest, fault } = readResponses(received, ['GET'], true);
      expect([messages.map(({ startLine }) => startLine), rest, fault]).toEqual([
        ['HTTP/1.1 502 Bad Gateway'],
        '',
        undefined,
      ]);
      expect(new Map(messages[0]?.fields).get('content-type')).toBe('application/problem+json');
      await expectNothingLeft(stage);
    });
  });

  describe('broken off where a chunk has', () => {
    test.each(chunks)('%s', async (_, bytes) => {
      const stage = await stageWith(`${start}Transfer-Encoding: chunked\r\n\r\n${bytes}`);
      const received = await stage.ask('/a');
      expect(received.slice(0, 12)).toBe('HTTP/1.1 200');
      // Not even where the connection has ended in an orderly way.
      expect(readResponses(received, ['GET'], true)).toMatchObject({ messages: [] });
      await expectNothingLeft(stage);
    });
  });

  test.each([
    ['bytes beyond ASCII in a value', `${start}X: a\u00e9b\r\n${end}`, 'a\u00e9b'],
    ['names of properties that every object has', `${start}X: y\r\n__proto__: a\r\nconstructor: b\r\n${end}`, 'y'],
    ['three thousand lines', `${start}X: y\r\n${'Y: z\r\n'.repeat(3_000)}${end}`, 'y'],
    ['no reason', `HTTP/1.1 200\r\nCache-Control: max-age=600\r\nX: y\r\n${end}`, 'y'],
  ])('told from one with %s, which passes as it came', async (_, bytes, x) => {
    const { get, origin } = await stageWith(bytes);
    for (const reused of [await get('/a'), await get('/a')]) {
      expect([reused.status, reused.content, reused.field('x')]).toEqual([200, 'abc', x]);
    }
    expect(origin.seen.length).toBe(1);
  });
});
