import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { atEnd, onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { recordingOrigin, responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const fresh = 'Cache-Control: max-age=600';
const stale = ['Cache-Control: max-age=10', 'Age: 20', 'ETag: "v1"'];

overBothLanes(() => {
  describe('a redirect', () => {
    /** RFC 9110 §15.4 leaves it to the client. CVE-2026-109829, CVE-2026-116630. */
    test.each([
      '301 Moved Permanently',
      '302 Found',
      '303 See Other',
      '307 Temporary Redirect',
      '308 Permanent Redirect',
    ])('%s is relayed, stored as that, and never followed', async (status) => {
      const elsewhere = await recordingOrigin(() => responseWith('elsewhere', [fresh]));
      atEnd(() => elsewhere.close());
      const location = `Location: ${elsewhere.url}/secret`;
      const stage = await proxyStage(() => responseWith('moved', [location, fresh], status));
      for (const answer of [await stage.get('/a'), await stage.get('/a')]) {
        expect([answer.status, answer.content, answer.field('location')]).toEqual([
          Number(status.slice(0, 3)),
          'moved',
          `${elsewhere.url}/secret`,
        ]);
      }
      expect([stage.origin.seen.length, elsewhere.connections.length]).toEqual([1, 0]);
    });

    test('in answer to a validation takes no validator and no credentials elsewhere', async () => {
      const elsewhere = await recordingOrigin(() => responseWith('', [], '304 Not Modified'));
      atEnd(() => elsewhere.close());
      const stage = await proxyStage(({ values }) =>
        values('if-none-match').length === 0
          ? responseWith('stored', stale)
          : responseWith('moved', [`Location: ${elsewhere.url}/a`], '302 Found'),
      );
      expect((await stage.get('/a')).content).toBe('stored');
      const validated = await stage.get('/a', ['Cookie: session=1']);
      expect([validated.status, validated.content]).toEqual([302, 'moved']);
      expect(elsewhere.connections.length).toBe(0);
      expect(stage.origin.seen.map(({ values }) => values('if-none-match'))).toEqual([[], ['"v1"']]);
    });
  });

  describe('trailers', () => {
    /** RFC 9110 §6.5.1: merged by nobody who does not know them. CVE-2024-35161. */
    test('are neither sent nor stored, whatever they say', async () => {
      const trailers = 'Set-Cookie: session=1\r\nCache-Control: no-store\r\nTransfer-Encoding: gzip\r\nX-Late: yes\r\n';
      const stage = await proxyStage(
        () =>
          `HTTP/1.1 200 OK\r\n${fresh}\r\nTrailer: X-Late, Set-Cookie\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n${trailers}\r\n`,
      );
      const received = [await stage.ask('/a'), await stage.ask('/a')];
      for (const each of received) {
        const { messages, rest } = readResponses(each, ['GET'], true);
        expect([messages.map(({ content, trailers: got }) => [content, got]), rest]).toEqual([[['abc', []]], '']);
        expect(each).not.toMatch(/x-late|set-cookie|no-store|gzip|trailer/i);
      }
      expect(stage.origin.seen.length).toBe(1);
    });
  });

  describe('what it says of its connection', () => {
    /** RFC 9110 §7.6.1, RFC 9111 §3.1. */
    test('goes no further, and is not stored', async () => {
      const stage = await proxyStage(() =>
        responseWith('abc', [
          fresh,
          'CONNECTION: X-Foo, KEEP-alive',
          'x-foo: bar',
          'Keep-Alive: timeout=77',
          'Proxy-Connection: keep-alive',
          'Proxy-Authenticate: Basic',
          'Upgrade: h2c',
          'TE: trailers',
        ]),
      );
      for (const each of [await stage.ask('/a'), await stage.ask('/a')])
        expect(each).not.toMatch(/x-foo|timeout=77|proxy-|h2c|trailers/i);
      expect(stage.origin.seen.length).toBe(1);
    });

    test('can not take away what it is judged by', async () => {
      const stage = await proxyStage(() =>
        responseWith('mine', ['Connection: Cache-Control, Set-Cookie, Vary', 'Cache-Control: private, max-age=600']),
      );
      expect((await stage.get('/a')).field('cache-control')).toBe('private, max-age=600');
      await stage.get('/a');
      expect(stage.origin.seen.length).toBe(2);
    });
  });

  onShelves(shelves, () => {
    /** CVE-2026-22036, CVE-2026-111497: what is not decoded can't be a bomb. */
    test.each([
      ['a thousand codings', `Content-Encoding: ${Array.from({ length: 1_000 }, () => 'gzip').join(', ')}`, 'rubbish'],
      ['content of 8 MB in 8 KB', 'Content-Encoding: gzip', gzipSync(Buffer.alloc(8 * 2 ** 20)).toString('latin1')],
      ['content that is not what it says', 'Content-Encoding: gzip', '\x1f\x8b\x08\x00broken'],
      ['a coding that nobody knows', 'Content-Encoding: x-bomb', '\x00\xff\r\n\r\n'],
    ])('%s passes as it came, and is stored so', async (_, line, content) => {
      const stage = await proxyStage(() => responseWith(content, [fresh, line]));
      for (const each of [await stage.get('/a'), await stage.get('/a', ['Accept-Encoding: identity'])]) {
        expect(each.content === content).toBe(true);
        expect(`Content-Encoding: ${each.field('content-encoding')}`).toBe(line);
      }
      expect(stage.origin.seen.length).toBe(1);
    });
  });

  describe('a tag that it gave', () => {
    test.each([
      ['"a\u00e9\u00ff"', '"a\u00e9\u00ff"'],
      ['"a, b"', '"a, b"'],
      ['W/"\\"', 'W/"\\"'],
      ['"%0d%0aX-Injected: yes"', '"%0d%0aX-Injected: yes"'],
    ])('%s comes back to it as one field, byte by byte', async (tag, sent) => {
      const stage = await proxyStage(({ index }) =>
        index === 0
          ? responseWith('stored', ['Cache-Control: max-age=10', 'Age: 20', `ETag: ${tag}`])
          : responseWith('', ['Cache-Control: max-age=600'], '304 Not Modified'),
      );
      await stage.get('/a');
      expect((await stage.get('/a')).content).toBe('stored');
      expect(stage.origin.seen.at(-1)?.values('if-none-match')).toEqual([sent]);
      expect(stage.origin.seen.at(-1)?.values('x-injected')).toEqual([]);
      expect(stage.origin.faults()).toEqual([]);
    });
  });
});
