import { describe, expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { onShelves, overBothLanes, proxyStage, type ProxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const [one, two] = ['session=1', 'session=2'];
const basic = ['Authorization: Basic MQ==', 'Authorization: Basic Mg=='];
const asBoth = [[`Cookie: ${one}`], [`Cookie: ${two}`]];
const asBothWithCredentials = basic.map((line) => [line]);

/** Nothing of a request is in the content: that alone would keep it from others. */
const names: ReadonlyMap<string, string> = new Map([
  [one, 'Ann'],
  [two, 'Ben'],
  ['Basic MQ==', 'Ann'],
  ['Basic Mg==', 'Ben'],
]);

/** Whose each content is, it says itself, by the cookie or the credentials that it was asked for with. */
function stageSaying(...lines: readonly string[]): Promise<ProxyStage> {
  return proxyStage(({ target, values, index }) => {
    const user = names.get([...values('cookie'), ...values('authorization')].join()) ?? '';
    return responseWith(describedContent({ url: target, variant: '', user, generation: index }), lines);
  });
}

/** Whose content each of these has got, one after another. */
async function usersOf({ get }: ProxyStage, requests: readonly (readonly string[])[]): Promise<readonly string[]> {
  const users: string[] = [];
  for (const lines of requests) users.push(describedBy((await get('/a', lines)).content).user);
  return users;
}

/** What is said, and the rule that it is refused by. RFC 9111 §5.2, RFC 9110 §5.6.4: what can't be read is taken for what forbids most. CVE-2026-13697. */
const forbidden: readonly (readonly [lines: readonly string[], detail: string])[] = [
  [['Cache-Control: Private, max-age=600'], 'private'],
  [['Cache-Control: max-age=600, NO-STORE'], 'no-store'],
  [['Cache-Control: max-age=600', 'Cache-Control: private'], 'private'],
  [['Cache-Control: private=""', 'Cache-Control: max-age=600'], 'private'],
  [['Cache-Control: private=, max-age=600'], 'private'],
  [['Cache-Control: private=",", max-age=600'], 'private'],
  [['Cache-Control: no-store="", max-age=600'], 'no-store'],
  [['Cache-Control: private="x-a", private, max-age=600'], 'private'],
  [['Cache-Control: x="a", no-store, max-age=600'], 'no-store'],
  [['Cache-Control: max-age=600, x="a'], 'cache-control-malformed'],
  [['Cache-Control: max-age=600, x="a\\", private'], 'cache-control-malformed'],
  [['Cache-Control: max-age=600', 'Vary: Accept, *'], 'vary-star'],
  [['Cache-Control: max-age=600', 'Vary: Accept', 'Vary: *'], 'vary-star'],
  [['Cache-Control: max-age=600, No-Cache'], 'no-validator'],
  [['Cache-Control: max-age=600', 'Set-Cookie: session=1'], 'set-cookie'],
  // RFC 9213 §2.2: what is said to such as us goes before what is said to all, and where it can't be read it says nothing.
  [['CDN-Cache-Control: no-store', 'Cache-Control: public, max-age=600'], 'no-store'],
  [['Cache-Control: public, max-age=600', 'CDN-Cache-Control: private=?0, max-age=600'], 'private'],
  [['CDN-Cache-Control: max-age=600, x="', 'Cache-Control: private'], 'private'],
  // Nothing explicit: no guess for who sends a cookie.
  [['Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT'], 'credentials'],
];

overBothLanes(() => {
  onShelves(shelves, () => {
    test.each(forbidden)('where the origin says %j: %s', async (lines, detail) => {
      const stage = await stageSaying(...lines);
      expect(await usersOf(stage, [...asBoth, []])).toEqual(['Ann', 'Ben', '']);
      expect(stage.origin.seen.length).toBe(3);
      // By its own rule: another may refuse the same, and nobody would see that this one has gone.
      const { field } = await stage.get('/b', [`Cookie: ${one}`]);
      expect(field('cache-status')).toBe(`etagere; fwd=uri-miss; detail=${detail}`);
    });

    test('where it is asked for with credentials, and nobody says that it is for all', async () => {
      const stage = await stageSaying('Cache-Control: max-age=600');
      expect(await usersOf(stage, [...asBothWithCredentials, []])).toEqual(['Ann', 'Ben', '']);
      const { field } = await stage.get('/b', asBothWithCredentials[0]);
      expect(field('cache-status')).toBe('etagere; fwd=uri-miss; detail=authorization');
    });

    test.each(['Cookie', 'Authorization'])('where it varies by %s, and those who are the same share', async (name) => {
      const stage = await stageSaying('Cache-Control: public, max-age=600', `Vary: ${name}`);
      const requests = name === 'Cookie' ? asBoth : asBothWithCredentials;
      const users = await usersOf(stage, [...requests, [], ...requests, []]);
      expect(users.slice(0, 3)).toEqual(users.slice(3));
      expect(new Set(users).size).toBe(3);
      expect(stage.origin.seen.length).toBe(3);
    });
  });

  /** RFC 9111 §3.5. */
  test.each(['public, max-age=600', 's-maxage=600', 'max-age=600, must-revalidate'])(
    'but %s makes what was asked for with credentials one for all',
    async (control) => {
      const stage = await stageSaying(`Cache-Control: ${control}`);
      expect(await usersOf(stage, [...asBothWithCredentials, []])).toEqual(['Ann', 'Ann', 'Ann']);
      expect(stage.origin.seen.length).toBe(1);
    },
  );

  test.each(['x="a, no-store, private", max-age=600', 'x="\\"", max-age=600'])(
    'but what is quoted is no directive: %s',
    async (control) => {
      const stage = await stageSaying(`Cache-Control: ${control}`);
      expect(await usersOf(stage, [[], []])).toEqual(['', '']);
      expect(stage.origin.seen.length).toBe(1);
    },
  );

  describe('a cookie that was set', () => {
    /** CVE-2026-93748, CVE-2022-24894. */
    test.each([
      ['max-age=10, stale-while-revalidate=600, stale-if-error=600', 20],
      ['max-age=600', 0],
    ])('comes with %s to nobody else, whatever they put up with', async (control, age) => {
      const stage = await stageSaying(`Cache-Control: ${control}`, `Age: ${age}`, 'Set-Cookie: session=1');
      await stage.get('/a', [`Cookie: ${one}`]);
      stage.origin.answer = () => responseWith('away', [], '503 Service Unavailable');
      for (const lines of [[], ['Cache-Control: max-stale'], ['Cache-Control: max-stale=600'], [`Cookie: ${two}`]]) {
        const answer = await stage.get('/a', lines);
        expect([answer.status, answer.content, answer.field('set-cookie')]).toEqual([503, 'away', undefined]);
      }
    });

    test('stays with the one it was set for where the response is for all', async () => {
      const stage = await stageSaying('Cache-Control: public, max-age=600', 'Set-Cookie: session=1');
      const cookies = [await stage.get('/a'), await stage.get('/a')].map((answer) => answer.field('set-cookie'));
      expect(cookies).toEqual(['session=1', undefined]);
      expect(stage.origin.seen.length).toBe(1);
    });
  });

  describe('what a client says of caching', () => {
    test('only-if-cached asks nobody', async () => {
      const stage = await stageSaying('Cache-Control: max-age=600');
      expect((await stage.get('/a', ['Cache-Control: only-if-cached'])).status).toBe(504);
      expect(stage.origin.seen.length).toBe(0);
    });

    test('no-store leaves nothing on the shelf', async () => {
      const stage = await stageSaying('Cache-Control: max-age=600');
      for (let times = 0; times < 2; times++) await stage.get('/a', ['Cache-Control: no-store']);
      expect(stage.origin.seen.length).toBe(2);
    });
  });
});
