import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { cleanRefusal, refusal } from '../harness/refusals.ts';

/** Told apart by some readers and not by others: each is a resource of its own here (RFC 3986 §6.2). */
const targets = [
  '/a',
  '/A',
  '/%61',
  '/a/',
  '//a',
  '/a;x',
  '/a%3Bx',
  '/a%2Fb',
  '/a%2fb',
  '/a/b',
  '/a?',
  '/a?x',
  '/a%3Fx',
  '/a%00.css',
  '/a%0A.css',
  '/a%0D%0AX-Injected:%201',
  '/a%23.css',
  '/a?__proto__=1',
  '/__proto__',
  '/constructor',
];

const raw = ['|', '{', '}', '^', '\\', '"', '<', '>', '`'];

function itsTarget({ target }: { readonly target: string }): string {
  return responseWith(target, ['Cache-Control: max-age=600']);
}

overBothLanes(() => {
  test('none is taken for another, and each reaches the origin as it came', async () => {
    const { get, origin } = await proxyStage(itsTarget);
    for (const target of [...targets, ...targets]) expect((await get(target)).content).toBe(target);
    expect(origin.seen.map(({ target }) => target)).toEqual(targets);
    expect(origin.faults()).toEqual([]);
  });

  test.each(raw)('%s is refused, also behind what is stored', async (character) => {
    const stage = await proxyStage(() => responseWith('stored', ['Cache-Control: max-age=600']));
    await stage.get('/a');
    for (const target of [`/a${character}`, `/a?${character}`, `http://shop.test/${character}`])
      expect(await refusal(stage, `GET ${target} HTTP/1.1\r\nHost: shop.test\r\n\r\n`)).toEqual({
        ...cleanRefusal,
        status: 400,
      });
  });

  test.each(raw)('%s is the same as its encoding where that is done for clients', async (character) => {
    const { get, origin } = await proxyStage(itsTarget, { encodeTarget: true });
    const encoded = `/a%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    for (const target of [`/a${character}`, encoded, `/a${character}`])
      expect((await get(target)).content).toBe(encoded);
    expect(origin.seen.map(({ target }) => target)).toEqual([encoded]);
  });
});
