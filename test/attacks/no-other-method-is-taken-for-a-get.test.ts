import { describe, expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const fresh = 'Cache-Control: public, max-age=600';

/** Says which request it answers; to HEAD without the content. */
function answer({ method, index }: SeenRequest): string {
  const whole = responseWith(`${method} ${index}`, [fresh]);
  return method === 'HEAD' ? whole.slice(0, whole.indexOf('\r\n\r\n') + 4) : whole;
}

const unsafe = ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'];

overBothLanes(() => {
  onShelves(shelves, () => {
    test('a HEAD leaves nothing that could be a GET without content', async () => {
      const stage = await proxyStage(answer);
      const head = await stage.get('/', [], 'HEAD');
      expect([head.status, head.content, head.field('content-length')]).toEqual([200, '', '6']);
      expect((await stage.get('/')).content).toBe('GET 1');
      expect((await stage.get('/')).content).toBe('GET 1');
      const hit = await stage.get('/', [], 'HEAD');
      expect([hit.content, hit.field('content-length')]).toEqual(['', '5']);
      expect(stage.origin.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
    });

    test.each(unsafe)(
      'a %s is asked of the origin although a GET is stored, and its answer is nobody else’s',
      async (method) => {
        const stage = await proxyStage(answer);
        expect((await stage.get('/')).content).toBe('GET 0');
        expect((await stage.get('/', ['Content-Length: 0'], method)).content).toBe(`${method} 1`);
        expect((await stage.get('/', ['Content-Length: 0'], method)).content).toBe(`${method} 2`);
        // What is stored is not what lies there any more (RFC 9111 §4.4).
        expect((await stage.get('/')).content).toBe('GET 3');
        expect((await stage.get('/')).content).toBe('GET 3');
        expect(stage.origin.faults()).toEqual([]);
      },
    );
  });

  describe('a field that names another method', () => {
    test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('%s reaches nobody', async (name) => {
      const stage = await proxyStage(answer);
      await stage.get('/', [`${name}: DELETE`]);
      expect(stage.origin.seen[0]?.values(name.toLowerCase())).toEqual([]);
      expect((await stage.get('/')).content).toBe('GET 0');
    });
  });
});
