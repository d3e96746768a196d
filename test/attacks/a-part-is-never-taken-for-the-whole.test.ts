import { expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const fresh = ['Cache-Control: max-age=600', 'ETag: "1"'];
const whole = 'abcdefghij'.repeat(100);

/** Sends one run of bytes to who asks for one that it has, and the whole to all others. */
function page(request: SeenRequest): string {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.values('range').join()) ?? [];
  if (first === undefined || Number(first) > Number(last)) return responseWith(whole, fresh);
  const lines = [...fresh, `Content-Range: bytes ${first}-${last}/${whole.length}`];
  return responseWith(whole.slice(Number(first), Number(last) + 1), lines, '206 Partial Content');
}

overBothLanes(() => {
  onShelves(shelves, () => {
    test('one byte that is asked for of what is not stored costs an origin no more than the whole', async () => {
      let sent = 0;
      const stage = await proxyStage((request) => {
        const answer = page(request);
        sent += answer.length - answer.indexOf('\r\n\r\n') - 4;
        return answer;
      });
      for (let asked = 0; asked < 20; asked++) {
        const part = await stage.get('/', ['Range: bytes=0-0']);
        expect([part.status, part.content]).toEqual([206, 'a']);
      }
      expect(sent).toBeLessThanOrEqual(whole.length);
      const all = await stage.get('/');
      expect([all.status, all.content]).toEqual([200, whole]);
    });

    test.each(['bytes=', 'bytes=-', 'bytes=x', 'bytes=9-1', 'lines=1-2', '', 'bytes=0-0,'.repeat(200)])(
      'Range: %j gets the whole or none of it, and leaves the whole for others',
      async (range) => {
        const stage = await proxyStage(page);
        const odd = await stage.get('/', [`Range: ${range}`]);
        expect([`200 ${whole}`, '416 ']).toContain(`${odd.status} ${odd.status === 416 ? '' : odd.content}`);
        for (let asked = 0; asked < 2; asked++) expect((await stage.get('/')).content).toBe(whole);
        expect(stage.origin.seen.length).toBeLessThanOrEqual(2);
      },
    );

    test('a 206 that nobody has asked for is no answer to the next', async () => {
      const stage = await proxyStage(({ index }) =>
        index === 0
          ? responseWith('abc', [...fresh, `Content-Range: bytes 0-2/${whole.length}`], '206 Partial Content')
          : responseWith(whole, fresh),
      );
      await stage.get('/');
      for (let asked = 0; asked < 2; asked++) {
        const next = await stage.get('/');
        expect([next.status, next.content]).toEqual([200, whole]);
      }
    });
  });
});
