import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const nothing = Buffer.alloc(20 * 2 ** 20);
const gzipped = gzipSync(nothing);

/** CVE-2026-22036, CVE-2026-111497: what would be large, long or wrong if anybody decoded it. */
const coded: readonly (readonly [what: string, coding: string, content: Buffer])[] = [
  ['a thousand times as large decoded', 'gzip', gzipped],
  ['a million times as large decoded twice', 'gzip, gzip', gzipSync(gzipped)],
  ['large only for who knows brotli', 'br', brotliCompressSync(nothing)],
  ['coded a thousand times, as it says', Array.from({ length: 1_000 }, () => 'gzip').join(', '), gzipped],
  ['that is not what it says', 'gzip', Buffer.from('not gzip at all')],
  ['that breaks off inside its coding', 'gzip', gzipped.subarray(0, 1_000)],
  ['coded as nobody knows', 'x-own', Buffer.from([...Array(256).keys()])],
];

const sumOf = (content: string): string => createHash('sha256').update(content, 'latin1').digest('hex');

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    test.each(coded)('content %s', async (_, coding, content) => {
      const text = content.toString('latin1');
      const lines = [`Content-Encoding: ${coding}`, 'Cache-Control: public, max-age=600', 'ETag: "v1"'];
      const stage = await proxyStage(() => responseWith(text, lines));
      const before = process.memoryUsage().arrayBuffers;
      // A value that a response must not repeat: what is stored is looked through for it.
      const first = await stage.get('/a', ['Accept-Encoding: gzip, br', 'User-Agent: a-browser-of-its-own/1.0']);
      const later = shelf === 'memory' ? stage : await stage.restarted();
      const second = await later.get('/a', ['Accept-Encoding: gzip, br', 'User-Agent: a-browser-of-its-own/1.0']);
      for (const { status, content: got, field } of [first, second]) {
        expect([status, field('content-encoding'), sumOf(got)]).toEqual([200, coding, sumOf(text)]);
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(nothing.length);
      expect(stage.origin.faults()).toEqual([]);
    });
  });
});
