import { expect, test } from 'vitest';
import { overBothLanes, onShelves, type ProxyStage, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

/** By which it could be taken for fresh for years. */
const longAgo = 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT';

const all = Array.from({ length: 128 }, (_, index) => String.fromCharCode(128 + index)).join('');

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    test('in values of a request and of a response, stored or not (RFC 9110 §5.5)', async () => {
      const stage = await proxyStage(() => responseWith(all, ['Cache-Control: max-age=600', `X-Bytes: ${all}`]));
      const lines = [`X-Bytes: a${all}b`];
      const ask = async ({ get }: ProxyStage): Promise<void> => {
        const { content, field } = await get('/a', lines);
        expect([content, field('x-bytes')]).toEqual([all, all]);
      };
      await ask(stage);
      await ask(stage);
      await ask(await stage.restarted());
      const asked = stage.origin.seen.map(({ values }) => values('x-bytes'));
      expect(asked).toEqual(Array.from({ length: shelf === 'memory' ? 2 : 1 }, () => [`a${all}b`]));
    });
  });

  test.each(['400 Bad Request', '403 Forbidden', '500 Internal Server Error', '501 Not Implemented'])(
    'and what an origin that can not read them answers, %s, is not kept for others',
    async (status) => {
      const { get } = await proxyStage(({ values }) =>
        values('x-bytes').length > 0 ? responseWith('refused', [longAgo], status) : responseWith('right'),
      );
      expect((await get('/a', [`X-Bytes: ${all}`])).content).toBe('refused');
      expect((await get('/a')).content).toBe('right');
    },
  );
});
