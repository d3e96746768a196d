import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { type Answerer, responseWith } from '../harness/recording-origin.ts';
import { atEnd, overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';

const leftBytes = 2 ** 20;

/** A small file system in memory; undefined where it is not allowed to make one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'etagere-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'none', folder], { stdio: 'ignore' });
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  return folder;
}

function remove(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmdirSync(folder);
}

const tried = smallDisk();
if (tried !== undefined) remove(tried);

/** Resolves when a line with these words was said. */
function told(words: string): Promise<void> {
  return new Promise((resolve) => {
    const heard = ({ message }: Error): void => {
      if (!message.includes(words)) return;
      process.off('warning', heard);
      resolve();
    };
    process.on('warning', heard);
    atEnd(() => process.off('warning', heard));
  });
}

const answer: Answerer = ({ target, index }) =>
  responseWith(describedContent({ url: target, variant: '', user: '', generation: index }, 20_000), [
    'Cache-Control: max-age=600',
  ]);

/** Which of these were not answered with all of their content. */
async function unanswered({ get }: ProxyStage, targets: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const target of targets) {
    const { status, content } = await get(target);
    if (status !== 200 || describedBy(content).url !== target) wrong.push(target);
  }
  return wrong;
}

describe.skipIf(tried === undefined)('a file system that is full', () => {
  overBothLanes(() => {
    test('is no error for anybody, and what is asked for when there is room again is stored', async () => {
      const folder = smallDisk() ?? '';
      atEnd(() => remove(folder));
      const stage = await proxyStage(answer, { store: `disk:${join(folder, 'shelf')}`, memory: '4mb', disk: '40mb' });
      await unanswered(stage, ['/hit', '/hit']);
      const { bavail, bsize } = statfsSync(folder);
      const filler = join(folder, 'filler');
      const [isFull, isWell] = [told('nothing new is stored'), told('can be written to again')];
      writeFileSync(filler, Buffer.alloc(bavail * bsize - leftBytes));
      const targets = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? '/hit' : `/full/${i}`));
      expect(await unanswered(stage, targets)).toEqual([]);
      await isFull;
      rmSync(filler);
      await isWell;
      expect(await unanswered(stage, ['/after'])).toEqual([]);
      const again = await stage.restarted();
      const before = stage.origin.seen.length;
      expect(await unanswered(again, ['/after'])).toEqual([]);
      expect(stage.origin.seen).toHaveLength(before);
    });
  });
});
