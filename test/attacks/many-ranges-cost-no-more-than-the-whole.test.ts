import { describe, expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const content = 'x'.repeat(20_000);
/** Beside content, what a response has of its own. */
const headBytes = 2_000;

const rangesOf = (count: number, range: (index: number) => string): string =>
  `Range: bytes=${Array.from({ length: count }, (_, index) => range(index)).join(',')}`;

/** Of 16 that are the whole together, each. */
const pieceOf = (index: number): string => `${index * 1_250}-${index * 1_250 + 1_249}`;

/** CVE-2011-3192; RFC 9110 §14.2 and §17.15. */
const ranges: readonly (readonly [what: string, line: string, isAskedFor: boolean])[] = [
  ['1,300 that overlap', rangesOf(1_300, (index) => `5-${index + 5}`), false],
  ['1,300 that are the whole, as far as a field may be long', rangesOf(1_300, () => '0-'), false],
  ['descending', rangesOf(200, (index) => `${19_000 - index * 50}-${19_100 - index * 50}`), false],
  ['17 small ones, apart from one another', rangesOf(17, (index) => `${index * 1_000}-${index * 1_000 + 1}`), false],
  ['suffixes', rangesOf(500, (index) => `-${20_000 - index}`), false],
  ['two that overlap by a byte', rangesOf(2, (index) => `${index * 10}-${index * 10 + 10}`), false],
  ['16 that are the whole together, and more with what stands before each', rangesOf(16, pieceOf), true],
];

/** What is not worth its parts is answered with the whole; what is no field, refused. */
const statusOf = (line: string): string =>
  line.length > 8 * 1_024 ? 'HTTP/1.1 431 Request Header Fields Too Large' : 'HTTP/1.1 200 OK';

overBothLanes(() => {
  describe.each(ranges)('%s', (_, line, isAskedFor) => {
    onShelves(shelves, (shelf) => {
      test('of what is stored: no more bytes than the whole, and nothing is asked', async () => {
        const stage = await proxyStage(() => responseWith(content, ['Cache-Control: max-age=600', 'ETag: "1"']));
        await stage.get('/a');
        const later = shelf === 'memory' ? stage : await stage.restarted();
        const received = await later.ask('/a', [line]);
        expect(received.slice(0, received.indexOf('\r\n'))).toBe(statusOf(line));
        expect(received.length).toBeLessThan(content.length + headBytes);
        expect(stage.origin.seen).toHaveLength(1);
      });
    });

    test('of what is not: the origin is asked once, and for no more than the whole', async () => {
      const stage = await proxyStage(() => responseWith(content, ['Cache-Control: max-age=600', 'ETag: "1"']));
      const received = await stage.ask('/a', [line]);
      expect(received.slice(0, received.indexOf('\r\n'))).toBe(statusOf(line));
      expect(received.length).toBeLessThan(content.length + headBytes);
      expect(stage.origin.seen.flatMap(({ values }) => `Range: ${values('range').join()}`)).toEqual([
        isAskedFor ? line : 'Range: ',
      ]);
    });
  });

  test('are told from some, which are answered with their bytes alone', async () => {
    const stage = await proxyStage(() => responseWith(content, ['Cache-Control: max-age=600', 'ETag: "1"']));
    await stage.get('/a');
    const received = await stage.ask('/a', [rangesOf(16, (index) => `${index * 1_000}-${index * 1_000 + 1}`)]);
    expect(received.slice(0, 12)).toBe('HTTP/1.1 206');
    expect(received.match(/content-range: bytes \d+-\d+\/20000/g)).toHaveLength(16);
  });
});
