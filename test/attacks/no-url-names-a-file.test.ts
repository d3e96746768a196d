import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { atEnd, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const targets = [
  '/a..%2f..a%2fetc%2fpasswd',
  '/a..%5c..a%5cboot.ini',
  '/%00',
  '/a%00.css',
  '/a%0d%0ab',
  '/index/data.mdb',
  '/etagere-shelf',
  '/in-use',
  '/CON',
  '/aux.txt',
  '/nul',
  '/com1:',
  '/c:%5cwindows',
  '/a.',
  '/a%20',
  '/A',
  '/a',
  '/%61%CC%88',
  '/%C3%A4',
  '/%F0%9F%92%A9',
  '/-rf',
  '/~root',
  '/$(reboot)',
  '/*',
  `/${'a'.repeat(4_096)}`,
  `/${'a'.repeat(4_096)}b`,
  '/a?file=../../../etc/passwd',
  '/a?__proto__=1',
];

/** What may stand in the directory of a shelf: names that are our own, or made of digits. */
const ownNames =
  /^(?:etagere-shelf|index(?:\/(?:data|lock)\.mdb)?|content(?:\/[0-9a-f]{2}(?:\/[0-9a-f]{32})?)?|temporary(?:\/\d+-[0-9a-f]{32})?|in-use(?:\/[\w.-]+){0,2}|etagere-[\w-]+)$/;

test.each([
  ['small', 1_000],
  ['large, each in a file', 100_000],
])('whatever it has in it: what is stored under it is %s, and another than all others', async (_, bytes) => {
  const around = await mkdtemp(join(tmpdir(), 'etagere-around-'));
  atEnd(() => rm(around, { recursive: true, force: true }));
  const stage = await proxyStage(
    ({ target }) =>
      responseWith(describedContent({ url: target, variant: '', user: '', generation: 0 }, bytes), [
        'Cache-Control: max-age=600',
      ]),
    { store: `disk:${join(around, 'shelf')}` },
  );
  const refused: string[] = [];
  for (const target of targets) if ((await stage.get(target)).status !== 200) refused.push(target);
  expect(refused).toEqual([]);
  const again = await stage.restarted();
  for (const target of targets) {
    const response = await again.get(target);
    expect([target, describedBy(response.content).url]).toEqual([target, target]);
    expect(response.field('cache-status')).toContain('; hit');
  }
  expect(stage.origin.seen.map(({ target }) => target)).toEqual(targets);
  expect(await readdir(around)).toEqual(['shelf']);
  const found = await readdir(join(around, 'shelf'), { recursive: true });
  expect(found.filter((path) => !ownNames.test(path))).toEqual([]);
  expect(found.filter((path) => /^content\/..\//.test(path)).length).toBe(bytes > 65_536 ? targets.length : 0);
});
