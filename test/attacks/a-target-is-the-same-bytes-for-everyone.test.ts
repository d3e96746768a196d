import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const fresh = 'Cache-Control: max-age=600';

/** Whoever gets this knows whose it is. */
function page({ target }: SeenRequest): string {
  return responseWith(`the page of ${target} and of no other`, [fresh]);
}

/** Resolved by some readers, and not by others, or not in the same way (RFC 3986 §6.2.2.3): none of them gets the chance. */
const refused = String.raw`
  /a/../b /a/./b /.. /. /a/%2e%2e/b /a/%2E%2E/b /a/.%2e/b /%2e/b /a/.. /a/%2e /a/..;x/b /a/..;/b /a/..%2fb
  /a%2f..%2fb /a%5c..%5cb /a/..%5Cb /a/%2e%2e%2fb /a/..?x /a\..\b /a#b.css /a% /a%2 /a%zz /aéb /a"b /a<b /a^b
  /a{b /a|b
`
  .trim()
  .split(/\s+/);

/** Alike to some readers. Each is a name of its own here. */
const alike = `
  /a /A //a /a/ /a// /%61 /a? /a?? /a; /a;x /a;x=1 /a.css /a;x.css /a. /a.. /a%2Fb /a%2fb /a/b /a%5cb /a%00.css
  /a%0A.css /a%0a.css /a%0D%0A.css /a%23.css /a%3F.css /a%3f.css /a?.css /a%253F.css /a%252e%252e/b /a%20 /a+
  /a%2B /... /a?x=../b /a?x&y /a?y&x /a?x=1&x=2 /a?x=2&x=1 /a?X /a?%78 /a%c0%ae /a%C0%AE
`
  .trim()
  .split(/\s+/);

const pieces = String.raw`
  / // . .. ; %2e %2E %2f %2F %5c %00 %0a %23 %3f %25 % %61 a A x=1 ? & # \ + %20 hidden %68idden Hidden .css ~
  * : @
`
  .trim()
  .split(/\s+/);
const target = fc.array(fc.constantFrom(...pieces), { maxLength: 7 }).map((chosen) => `/${chosen.join('')}`);

/** By which a rule of the operator for `/hidden/*` is known to mean it: the bytes, but for what is percent-encoded without need. */
function isHidden(asked: string): boolean {
  const [path = ''] = asked.split('?');
  return path.replaceAll('%68', 'h').startsWith('/hidden/');
}

overBothLanes(() => {
  test.each(refused)('%j is no target, and reaches nobody', async (asked) => {
    const stage = await proxyStage(page);
    expect((await stage.get(asked)).status).toBe(400);
    expect(stage.origin.connections).toEqual([]);
  });

  onShelves(shelves, () => {
    test('each gets its own page, by whatever names others look like it', async () => {
      const stage = await proxyStage(page);
      const names = [...new Set(alike)];
      for (const name of names) expect((await stage.get(name)).content).toBe(`the page of ${name} and of no other`);
      expect(stage.origin.seen.map(({ target: seen }) => seen)).toEqual(names);
      for (const name of names) expect((await stage.get(name)).content).toBe(`the page of ${name} and of no other`);
      expect(stage.origin.seen).toHaveLength(names.length);
    });
  });

  test('whatever is asked for is refused, or keyed, matched and forwarded as it is', async () => {
    const stage = await proxyStage(page, { bypass: { path: '/hidden/*' } });
    const known = new Set<string>();
    const property = fc.asyncProperty(target, async (asked) => {
      const before = stage.origin.seen.length;
      const response = await stage.get(asked);
      const seen = stage.origin.seen.slice(before).map((request) => request.target);
      const isRefused = response.status === 400;
      const isAnswered = response.content === `the page of ${asked} and of no other`;
      expect(isRefused || isAnswered).toBe(true);
      const isHit = known.has(asked) && !isHidden(asked);
      expect(seen).toEqual(isRefused || isHit ? [] : [asked]);
      expect(response.field('cache-status')?.includes('bypass') === true).toBe(!isRefused && isHidden(asked));
      if (!isRefused) known.add(asked);
    });
    await fc.assert(property, { numRuns: 150 });
    expect(known.size).toBeGreaterThan(30);
    expect(stage.origin.faults()).toEqual([]);
  });
});
