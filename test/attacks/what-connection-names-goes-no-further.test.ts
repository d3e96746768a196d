import { expect, test } from 'vitest';
import { overBothLanes, onShelves, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

/** What a sender may not make disappear (RFC 9110 §7.6.1): each has let a request pass for another elsewhere. */
const protectedLines = [
  'Authorization: Basic eA==',
  'Cookie: user=1',
  'Cache-Control: no-store',
  'Content-Type: text/plain',
  'Range: bytes=0-0',
  'Accept-Language: de',
  'Origin: http://other.test',
];

const hopByHop = [
  'Keep-Alive: timeout=5',
  'TE: trailers',
  'Proxy-Authorization: Basic eA==',
  'Proxy-Connection: close',
];

overBothLanes(() => {
  onShelves(['memory', 'disk'], (shelf) => {
    test('to the origin, nor to the shelf, nor to anybody who asks later', async () => {
      const stage = await proxyStage(() =>
        responseWith('stored', [
          'Cache-Control: max-age=600',
          'CONNECTION: x-Foo,KEEP-alive , X-BAR',
          'X-Foo: of the origin',
          'x-bar: of the origin',
          'Keep-Alive: of the origin',
          'X-Stays: 1',
        ]),
      );
      const lines = [
        'Connection: X-FOO, keep-ALIVE',
        'Connection: ,,x-bar',
        'x-foo: of a client',
        'X-Bar: of a client',
      ];
      const ask = async ({ get }: ProxyStage): Promise<void> => {
        const { content, field } = await get('/a', lines);
        const names = ['x-foo', 'x-bar', 'x-stays'];
        expect([content, ...names.map((name) => field(name))]).toEqual(['stored', undefined, undefined, '1']);
        // One of our own may stand there.
        expect(field('keep-alive') ?? '').not.toContain('of the origin');
      };
      await ask(stage);
      await ask(stage);
      await ask(await stage.restarted());
      const asked = stage.origin.seen.map(({ values }) => [values('x-foo'), values('x-bar')]);
      expect(asked).toEqual(Array.from({ length: shelf === 'memory' ? 2 : 1 }, () => [[], []]));
      expect(stage.origin.faults()).toEqual([]);
    });
  });

  test.each(protectedLines)('but %s stays, whoever names it', async (line) => {
    const [name = '', value = ''] = line.split(': ');
    const { get, origin } = await proxyStage(() => responseWith('answer'));
    await get('/a', [`Connection: ${name.toUpperCase()}`, line]);
    expect(origin.seen.map(({ values }) => values(name.toLowerCase()))).toEqual([[value]]);
  });

  test('and what is about one connection goes no further either, named or not', async () => {
    const { get, origin } = await proxyStage(() =>
      responseWith('answer', ['Proxy-Authenticate: Basic', 'Keep-Alive: max=1']),
    );
    const { field } = await get('/a', hopByHop);
    expect([field('proxy-authenticate'), field('keep-alive')]).toEqual([undefined, undefined]);
    const names = hopByHop.map((line) => line.split(':')[0]?.toLowerCase() ?? '');
    expect(origin.seen.flatMap(({ values }) => names.flatMap((name) => values(name)))).toEqual([]);
  });
});
