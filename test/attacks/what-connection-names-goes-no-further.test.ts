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

  /** CVE-2022-31813, CVE-2024-45410: what a proxy writes of its client, and says of itself. */
  test('nor does anybody take away what is written here', async () => {
    const { get, origin } = await proxyStage(() => responseWith('answer'), { trustProxy: ['127.0.0.0/8'] });
    const told = ['X-Forwarded-For: 10.0.0.1', 'Forwarded: for=10.0.0.1'];
    const names = ['Host', 'Via', 'Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'];
    await get('/a', [`Connection: ${names.join(', ')}`, 'Connection: x-forwarded-for', ...told]);
    const written = names.map((name) => origin.seen[0]?.values(name.toLowerCase()));
    expect(written).toEqual([
      [`127.0.0.1:${origin.port}`],
      [expect.stringMatching(/^1\.1 \S+$/)],
      ['for=10.0.0.1, for=127.0.0.1;host=shop.test;proto=http'],
      ['10.0.0.1, 127.0.0.1'],
      ['shop.test'],
      ['http'],
    ]);
  });

  test.each([
    ['Content-Length', 'Content-Length: 3\r\n\r\nabc'],
    ['Transfer-Encoding', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  ])('nor is a request framed in another way where it names %s', async (name, content) => {
    const { exchange, origin } = await proxyStage(() => responseWith('answer'));
    await exchange(`POST /a HTTP/1.1\r\nHost: shop.test\r\nConnection: close, ${name}\r\n${content}`);
    expect(origin.seen.map((seen) => seen.content)).toEqual(['abc']);
    expect(origin.faults()).toEqual([]);
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
