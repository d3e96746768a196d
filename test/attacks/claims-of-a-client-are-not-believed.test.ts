import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const canary = 'canary.test';

const claims = [
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'Forwarded',
  'X-Real-IP',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
];
/** Not even of those who are trusted: they stand in the key, or in the place of what stands there. */
const neverBelieved = claims.filter((name) => /host|proto|url|method/i.test(name));

overBothLanes(() => {
  describe.each([
    ['of somebody', [], claims],
    ['of who is trusted', ['127.0.0.0/8'], neverBelieved],
  ] as const)('%s', (_, trustProxy, names) => {
    test.each(names)('%s, in whatever letters', async (name) => {
      const { get, origin } = await proxyStage(({ fields }) => responseWith(JSON.stringify(fields)), { trustProxy });
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()])
        await get('/a', [`${spelling}: ${canary}`, `${spelling}: ${canary}`]);
      expect(origin.seen.map(({ raw }) => raw.includes(canary))).toEqual([false, false, false]);
    });
  });

  test('nothing that is stored shows one, nor is another response for it', async () => {
    const { get, origin } = await proxyStage(({ fields }) =>
      responseWith(JSON.stringify(fields), ['Cache-Control: max-age=600', 'Vary: X-Forwarded-Host, X-Original-URL']),
    );
    const poisoned = await get(
      '/a',
      claims.map((name) => `${name}: ${canary}`),
    );
    const plain = await get('/a');
    expect([plain.content, plain.content.includes(canary)]).toEqual([poisoned.content, false]);
    expect(origin.seen.length).toBe(1);
  });

  test('the client is told to the origin as it is: its address, and the authority that it asked for', async () => {
    const { get, origin } = await proxyStage(() => responseWith('answer'));
    await get('/a', ['X-Forwarded-For: 10.0.0.1', 'Forwarded: for=10.0.0.1;host=canary.test']);
    const names = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'];
    expect(origin.seen.flatMap(({ values }) => names.map((name) => values(name).join(' | ')))).toEqual([
      '127.0.0.1',
      'shop.test',
      'http',
      'for=127.0.0.1;host=shop.test;proto=http',
    ]);
  });

  test('with underscores in the place of hyphens they are refused', async () => {
    const { get, origin } = await proxyStage(() => responseWith('never'));
    for (const name of claims.filter((each) => each.includes('-')))
      expect((await get('/b', [`${name.replaceAll('-', '_')}: ${canary}`])).status).toBe(400);
    expect(origin.seen.filter(({ target }) => target === '/b')).toEqual([]);
  });
});
