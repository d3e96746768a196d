import { describe, expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const content = 'x'.repeat(20_000);
/** Beside content, what a response has of its own. */
const headBytes = 2_000;

const rangesOf = (count: number, range: (index: number) => string): string =>
  `Range: bytes=${Array.from({ length: count }, (_, index) => range(index)).join(',')}`;

/** CVE-2011-3192; RFC 9110 §14.2 and §17.15. */
const ranges: readonly (readonly [what: string, line: string])[] = [
  ['1,300 that overlap', rangesOf(1_300, (index) => `5-${index + 5}`)],
  ['1,300 that are the whole, as far as a field may be long', rangesOf(1_300, () => '0-')],
  ['descending', rangesOf(200, (index) => `${19_000 - index * 50}-${19_100 - index * 50}`)],
  ['17 small ones, apart from one another', rangesOf(17, (index) => `${index * 1_000}-${index * 1_000 + 1}`)],
  ['suffixes', rangesOf(500, (index) => `-${20_000 - index}`)],
];

overBothLanes(() => {
  describe.each(ranges)('%s', (_, line) => {
    onShelves(shelves, (shelf) => {
      test('of what is stored: no more bytes than the whole, and nothing is asked', async () => {
        const stage = await proxyStage(() => responseWith(content, ['Cache-Control: max-age=600', 'ETag: "1"']));
        await stage.get('/a');
        const later = shelf === 'memory' ? stage : await stage.restarted();
        const received = await later.ask('/a', [line]);
        expect(received).toMatch(/^HTTP\/1\.1 (200|206|416|400|431) /);
        expect(received.length).toBeLessThan(content.length + headBytes);
        expect(stage.origin.seen).toHaveLength(1);
      });
    });

    test('of what is not: the origin is asked once, and for no more than the whole', async () => {
      const stage = await proxyStage(() => responseWith(content, ['Cache-Control: max-age=600', 'ETag: "1"']));
      const received = await stage.ask('/a', [line]);
      expect(received).toMatch(/^HTTP\/1\.1 (200|206|416|400|431) /);
      expect(received.length).toBeLessThan(content.length + headBytes);
      expect(stage.origin.seen.length).toBeLessThanOrEqual(1);
    });
  });
});
