import { expect, test } from 'vitest';
import { overBothLanes, onShelves, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';

const fresh = 'Cache-Control: max-age=600';

function pageFor({ values }: SeenRequest): string {
  return `for ${values('x-user').join()} in ${values('accept-language').join()}`;
}

/** Ways to say Accept-Language and X-User (RFC 9110 §5.3, §5.6.1, §12.5.5). */
const spellings: readonly (readonly string[])[] = [
  ['Vary: Accept-Language, X-User'],
  ['Vary: Accept-Language', 'Vary: X-User'],
  ['vary: ACCEPT-LANGUAGE,x-USER'],
  ['Vary: \t Accept-Language \t,\t X-User \t'],
  ['Vary: ,, Accept-Language,,X-User,'],
  ['VARY: X-User', 'X-Between: 1', 'vary: X-User, Accept-Language'],
];

const stars: readonly (readonly string[])[] = [
  ['Vary: *'],
  ['Vary:  * '],
  ['Vary: Accept, *'],
  ['Vary: *, Accept'],
  ['Vary: Accept', 'Vary: *'],
  ['Vary: ,*,'],
  ['Vary: Accept, not a name'],
  ['Vary: "*"'],
  ['Vary: **', 'Vary: *'],
];

overBothLanes(() => {
  onShelves(shelves, () => {
    test.each(spellings.map((lines) => [lines]))('%j: each gets what was made for requests like it', async (lines) => {
      const stage = await proxyStage((request) => responseWith(pageFor(request), [fresh, ...lines]));
      const ask = async (user: string, language: string): Promise<string> =>
        (await stage.get('/', [`X-User: ${user}`, `Accept-Language: ${language}`])).content;
      for (let round = 0; round < 2; round++)
        for (const user of ['alice', 'bob'])
          for (const language of ['de', 'en']) expect(await ask(user, language)).toBe(`for ${user} in ${language}`);
      expect((await stage.get('/')).content).toBe('for  in ');
      expect(stage.origin.seen).toHaveLength(5);
    });
  });

  test.each(stars.map((lines) => [lines]))('%j: nobody gets what was made for another', async (lines) => {
    const stage = await proxyStage(({ index }) => responseWith(`answer ${index}`, [fresh, ...lines]));
    for (let asked = 0; asked < 3; asked++) expect((await stage.get('/')).content).toBe(`answer ${asked}`);
  });
});
