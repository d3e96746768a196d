import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { LaneWatch } from '../harness/lane-watch.ts';
import { atEnd, overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readRequests, readResponses } from '../harness/strict-messages.ts';

test.each([
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 1, undefined],
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n', 2, undefined],
  ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab', 0, undefined],
  ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n', 1, undefined],
  [
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n',
    0,
    'a chunk that does not end where it says',
  ],
  ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc', 0, 'framed in two ways'],
  ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nab\r\n', 0, 'not the size of a chunk: " 2"'],
  ['GET / HTTP/1.1\nHost: a\r\n\r\n', 0, 'a bare CR or LF'],
  ['GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n', 0, 'a bare CR or LF'],
  ['GET / HTTP/1.1\r\nHost : a\r\n\r\n', 0, 'not a field line: "Host : a"'],
  ['GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n', 0, 'not a field line: " b"'],
  ['GET / HTTP/1.1\r\n\r\n', 0, 'no Host'],
  ['GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 0, 'several Host lines'],
  ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 0, 'not a start line: "GET / HTTP/2.0"'],
])('the strict reader takes %j for %d requests', (bytes, count, fault) => {
  const reading = readRequests(bytes);
  expect([reading.messages.length, reading.fault]).toEqual([count, fault]);
  expect(reading.messages.map(({ raw }) => raw).join('') + reading.rest).toBe(bytes);
});

test.each([
  [';a=b', 1],
  [';a;b="c;\\""', 1],
  [';a="b', 0],
  [' ;a', 0],
  [';', 0],
])(
  'the strict reader takes a chunk size followed by %j for %d requests, where extensions are allowed',
  (text, count) => {
    const bytes = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2${text}\r\nab\r\n0\r\n\r\n`;
    expect(readRequests(bytes, 'extended').messages.length).toBe(count);
    expect(readRequests(bytes).messages).toEqual([]);
  },
);

test('the strict reader knows which responses have no content, and which end with the connection', () => {
  const bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest';
  expect(readResponses(bytes, ['HEAD', 'GET']).messages.length).toBe(2);
  expect(readResponses(bytes, ['HEAD', 'GET'], true).messages.at(-1)?.content).toBe('rest');
  expect(readResponses(bytes, ['HEAD'], true).fault).toBe('a response that nobody asked for');
});

test('content that describes itself is not taken for whole where a byte is missing, more, or another', () => {
  const description = { url: '/a', variant: 'de', user: '', generation: 3 };
  const content = describedContent(description, 1_000);
  expect(describedBy(content)).toEqual(description);
  expect(content.length).toBeGreaterThanOrEqual(900);
  const other = describedContent({ ...description, generation: 4 }, 1_000);
  for (const wrong of [
    content.slice(0, -1),
    content.slice(1),
    `${content}x`,
    content.replace('/a', '/b'),
    content.slice(0, 500) + other.slice(500),
    '',
  ])
    expect(() => describedBy(wrong)).toThrow('is not whole');
});

overBothLanes((lane) => {
  onShelves(shelves, (shelf) => {
    test('what the origin has said once is said to all, and survives where the shelf does', async () => {
      let generation = 0;
      const described = (url: string): string =>
        describedContent({ url, variant: '', user: '', generation: ++generation });
      const stage = await proxyStage(({ target }) => responseWith(described(target), ['Cache-Control: max-age=600']));
      const first = describedBy((await stage.get('/a')).content);
      expect(describedBy((await stage.get('/a')).content)).toEqual(first);
      expect(stage.origin.seen.map(({ method, target }) => `${method} ${target}`)).toEqual(['GET /a']);
      const later = await (await stage.restarted()).get('/a');
      const isKept = shelf !== 'memory';
      expect(describedBy(later.content).generation).toBe(isKept ? 1 : 2);
      expect(later.field('cache-status')).toContain(isKept ? '; hit' : '; fwd=uri-miss');
      expect(stage.origin.faults()).toEqual([]);
    });
  });

  test('what is plain goes past node:http over the fast lane, and nothing does over node:http', async () => {
    const watch = new LaneWatch();
    atEnd(() => watch.end());
    const { begin } = await proxyStage(() => responseWith('answer'));
    for (const lines of [[], ['Cookie: a=b', 'Range: bytes=0-1'], ['Connection: close']]) {
      const asking = begin('/a', lines);
      watch.expectPast(asking);
      await asking.answered();
    }
    expect(watch.read().length).toBe(lane === 'the fast lane' ? 1 : 3);
  });

  test('a test that names no shelf has memory alone, whatever came before it', async () => {
    const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']));
    await stage.get('/a');
    const later = await (await stage.restarted()).get('/a');
    expect(later.field('cache-status')).toContain('; fwd=uri-miss');
  });
});
