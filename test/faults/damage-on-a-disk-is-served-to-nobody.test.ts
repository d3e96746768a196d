import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { atEnd, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

/** What becomes of two files. */
type Damage = (one: Buffer, other: Buffer) => readonly [one: Buffer, other: Buffer];

const flipped = (file: Buffer, at: number): Buffer => {
  const damaged = Buffer.from(file);
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  return damaged;
};

/**
 * With how many requests to the origin that is made good. One for each file; one more where its beginning is right and is sent, as the rest is then asked for by itself, unless the damage was seen
 * before, when memory was filled at the start. What is there beyond the end of content is not read.
 */
const damages: readonly (readonly [what: string, requests: readonly number[], damage: Damage])[] = [
  ['cut off', [2, 3], (one, other) => [one.subarray(0, one.length / 2), other.subarray(0, 1)]],
  ['empty', [2], () => [Buffer.alloc(0), Buffer.alloc(0)]],
  ['zeroed', [2], (one, other) => [Buffer.alloc(one.length), Buffer.alloc(other.length)]],
  ['different by a bit', [2, 3], (one, other) => [flipped(one, 0), flipped(other, other.length - 1)]],
  ['exchanged', [2], (one, other) => [other, one]],
  ['longer', [0], (one, other) => [Buffer.concat([one, one]), Buffer.concat([other, Buffer.from('x')])]],
];

const targets = ['/a', '/b', '/c'];

/** The files with content: the database is none of them. */
async function contentFiles(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(
    files.map(async (file) => [file, (await readFile(file)).includes('"generation":')] as const),
  );
  return sizes.filter(([file, isContent]) => isContent && !/\.(?:mdb|lock)$/.test(file)).map(([file]) => file);
}

/** What `get` rejects with where a response is not whole. */
function brokenOff(error: unknown): undefined {
  expect(String(error)).toContain('not one whole response');
}

overBothLanes(() => {
  test.each(damages)(
    'where files are %s: each client has what the origin said, or nothing',
    async (_, requests, damage) => {
      const directory = await mkdtemp(join(tmpdir(), 'etagere-damage-'));
      atEnd(() => rm(directory, { recursive: true, force: true }));
      const stage = await proxyStage(
        ({ target }) =>
          responseWith(describedContent({ url: target, variant: '', user: '', generation: 1 }, 200_000), [
            'Cache-Control: max-age=600',
            `ETag: "${target}"`,
          ]),
        { store: `disk:${directory}` },
      );
      for (const target of targets) expect(describedBy((await stage.get(target)).content).url).toBe(target);
      await stage.etagere.close();
      const [one = '', other = '', ...rest] = await contentFiles(directory);
      expect(rest.length).toBe(targets.length - 2);
      const damaged = damage(await readFile(one), await readFile(other));
      await Promise.all([writeFile(one, damaged[0]), writeFile(other, damaged[1])]);
      const later = await stage.restarted();
      for (const target of [...targets, ...targets]) {
        const url = await later.get(target).then(({ content }) => describedBy(content).url, brokenOff);
        expect(url).toBeOneOf([target, undefined]);
      }
      // By now all of it is whole again.
      for (const target of targets) expect(describedBy((await later.get(target)).content).url).toBe(target);
      expect(stage.origin.seen.length - targets.length).toBeOneOf([...requests]);
    },
  );
});
