import { expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const lines = ['Cache-Control: max-age=600', 'Vary: X-Lang', 'Cache-Tag: news'];

/** Content that says which request brought it. */
const counted = ({ index }: SeenRequest): string => responseWith(`${index}`, lines);

const languages = Array.from({ length: 30 }, (_, index) => [`X-Lang: l${index}`]);

overBothLanes(() => {
  onShelves(shelves, (shelf) => {
    const orders = [
      ['the URL', (url: string) => ({ url })],
      ['the tag', () => ({ tag: 'news' })],
      ['the prefix', (url: string) => ({ prefix: url.slice(0, -1) })],
      ['the host', () => ({ host: 'shop.test' })],
    ] as const;
    test.each(orders)(
      'after a purge of %s none of thirty variants does, not even after a restart',
      async (_, orderFor) => {
        const stage = await proxyStage(counted);
        for (const each of languages) await stage.get('/a', each);
        expect(stage.origin.seen.length).toBe(30);
        await stage.etagere.purge({ ...orderFor('http://shop.test/a'), mode: 'hard' });
        const later = shelf === 'memory' ? stage : await stage.restarted();
        for (const [index, each] of languages.entries())
          expect((await later.get('/a', each)).content).toBe(`${30 + index}`);
      },
    );

    test('what began before a purge is not used after it', async () => {
      const stage = await proxyStage(({ index, connection }) => {
        if (index > 0) return responseWith('new', lines);
        connection.send(responseWith('before', lines).slice(0, -3));
        return undefined;
      });
      const asking = stage.begin('/a');
      await asking.until((received) => received.endsWith('bef'));
      await stage.etagere.purge({ url: 'http://shop.test/a', mode: 'hard' });
      stage.origin.connections[0]?.send('ore');
      await asking.answered();
      expect(asking.received.endsWith('before')).toBe(true);
      expect((await stage.get('/a')).content).toBe('new');
      expect((await stage.get('/a')).content).toBe('new');
    });

    /** RFC 9111 §4.4. */
    test.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
      'a %s takes away its target, and what it names of the same origin alone',
      async (method) => {
        const stage = await proxyStage((request) =>
          request.method === 'GET'
            ? counted(request)
            : responseWith('done', ['Location: http://shop.test/b', 'Content-Location: http://other.test/c']),
        );
        const contents = async (host: string): Promise<readonly string[]> => {
          const found: string[] = [];
          for (const target of ['/a', '/b', '/c']) {
            const asking = stage.client();
            asking.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
            await asking.answered();
            found.push(asking.received.slice(asking.received.indexOf('\r\n\r\n') + 4));
          }
          return found;
        };
        expect([await contents('shop.test'), await contents('other.test')]).toEqual([
          ['0', '1', '2'],
          ['3', '4', '5'],
        ]);
        expect((await stage.get('/a', ['Content-Length: 0'], method)).content).toBe('done');
        expect([await contents('shop.test'), await contents('other.test')]).toEqual([
          ['7', '8', '2'],
          ['3', '4', '5'],
        ]);
      },
    );
  });
});
