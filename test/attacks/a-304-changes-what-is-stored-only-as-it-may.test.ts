import { describe, expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const stored = responseWith('stored', ['Cache-Control: max-age=10', 'Age: 20', 'ETag: "v1"', 'X-Kept: yes']);
const notModified = (...lines: readonly string[]): string =>
  ['HTTP/1.1 304 Not Modified', ...lines, '', ''].join('\r\n');
const unconditional = responseWith('anew', ['Cache-Control: no-store']);

/** Whatever is asked with our tag is answered by that; all else, but for the first time, anew. */
function stageWith(answer: string): Promise<ProxyStage> {
  return proxyStage(({ index, values }) =>
    index === 0 ? stored : values('if-none-match').includes('"v1"') ? answer : unconditional,
  );
}

overBothLanes(() => {
  onShelves(shelves, () => {
    /** RFC 9111 §3, §3.2, §4.3.4: the head that it makes is judged as if it had just come. */
    test.each([
      ['private', ['Cache-Control: private, max-age=600']],
      ['no-store', ['Cache-Control: no-store']],
      ['private on a second line', ['Cache-Control: max-age=600', 'Cache-Control: PRIVATE']],
      ['Vary: *', ['Cache-Control: max-age=600', 'Vary: *']],
      ['Set-Cookie', ['Cache-Control: max-age=600', 'Set-Cookie: session=1']],
    ])('%s in it ends the sharing', async (_, lines) => {
      const stage = await stageWith(notModified('ETag: "v1"', ...lines));
      await stage.get('/a');
      const validated = await stage.get('/a', ['Cookie: session=1']);
      expect([validated.status, validated.content]).toEqual([200, 'stored']);
      const other = await stage.get('/a', ['Cookie: session=2']);
      expect([other.content, other.field('set-cookie')]).toEqual(['anew', undefined]);
      expect(stage.origin.seen.at(-1)?.values('if-none-match')).toEqual([]);
    });

    test('a Vary in it is obeyed by the next', async () => {
      const stage = await stageWith(notModified('ETag: "v1"', 'Cache-Control: max-age=600', 'Vary: X-Lang'));
      await stage.get('/a', ['X-Lang: de']);
      expect((await stage.get('/a', ['X-Lang: de'])).content).toBe('stored');
      expect((await stage.get('/a', ['X-Lang: de'])).content).toBe('stored');
      expect(stage.origin.seen.length).toBe(2);
      await stage.get('/a', ['X-Lang: en']);
      expect(stage.origin.seen.length).toBe(3);
    });

    test('it makes fresh what it confirms, with the content that is stored', async () => {
      const stage = await stageWith(
        notModified(
          'ETag: "v1"',
          'Cache-Control: max-age=600',
          'Content-Length: 5000',
          'Content-Encoding: gzip',
          'X-New: yes',
        ),
      );
      await stage.get('/a');
      for (let times = 0; times < 2; times++) {
        const answer = await stage.get('/a');
        expect([answer.content, answer.field('content-encoding'), answer.field('x-kept')]).toEqual([
          'stored',
          undefined,
          'yes',
        ]);
        expect([answer.field('content-length'), answer.field('x-new')]).toEqual(['6', 'yes']);
      }
      expect(stage.origin.seen.length).toBe(2);
    });

    test('max-age=0 in it lets nobody have it unvalidated', async () => {
      const stage = await stageWith(notModified('ETag: "v1"', 'Cache-Control: max-age=0'));
      for (let times = 0; times < 4; times++) expect((await stage.get('/a')).content).toBe('stored');
      expect(stage.origin.seen.length).toBe(4);
    });

    test('with the tag of something else it confirms nothing', async () => {
      const stage = await stageWith(notModified('ETag: "v2"', 'Cache-Control: max-age=600'));
      await stage.get('/a');
      for (let times = 0; times < 2; times++) expect((await stage.get('/a')).content).toBe('anew');
    });
  });

  test('one that nobody has asked for is stored for nobody', async () => {
    const stage = await proxyStage(({ index }) =>
      index === 0
        ? notModified('ETag: "v1"', 'Cache-Control: max-age=600')
        : responseWith('whole', ['Cache-Control: max-age=600', 'ETag: "v1"']),
    );
    await stage.get('/a');
    for (let times = 0; times < 2; times++) expect((await stage.get('/a')).content).toBe('whole');
    expect(stage.origin.seen.length).toBe(2);
  });

  describe("a client's own tag", () => {
    /** RFC 9111 §4.3.2. */
    test('goes to no origin while something is stored, and validates nothing of ours', async () => {
      const stage = await stageWith(notModified('ETag: "v1"', 'Cache-Control: max-age=600'));
      await stage.get('/a');
      const answer = await stage.get('/a', ['If-None-Match: "theirs"']);
      expect([answer.status, answer.content]).toEqual([200, 'stored']);
      expect(stage.origin.seen.map(({ values }) => values('if-none-match'))).toEqual([[], ['"v1"']]);
    });

    test('on an empty shelf gets an answer, and a 304 to it stores nothing', async () => {
      const stage = await proxyStage(({ values }) =>
        values('if-none-match').length > 0
          ? notModified('ETag: "theirs"', 'Cache-Control: max-age=600')
          : responseWith('whole', ['Cache-Control: max-age=600', 'ETag: "theirs"']),
      );
      const conditional = await stage.get('/a', ['If-None-Match: "theirs"']);
      expect([conditional.status, conditional.content]).toEqual([304, '']);
      const plain = await stage.get('/a');
      expect([plain.status, plain.content]).toEqual([200, 'whole']);
    });
  });
});
