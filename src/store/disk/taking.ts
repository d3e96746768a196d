import type { After } from './afterwards.ts';
import { type Files, systemFiles } from './files.ts';
import { InUse } from './in-use.ts';
import { type Layout, layoutOf } from './layout.ts';
import { giveBack, ShelfLock } from './lock.ts';
import type { Sharing } from './owner.ts';

export interface TakingParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly after: After;
}

/**
 * Takes the directory of a shelf, for those who share it. Resolves with what gives it back, which never rejects.
 *
 * @throws DirectoryRefused where others have it.
 */
export async function takeDirectory(parts: TakingParts, sharing: Sharing): Promise<() => Promise<void>> {
  const { files, layout } = parts;
  // Before it is taken, so that whoever finds it taken finds that.
  const inUse = await InUse.show(files, layout, sharing.token);
  try {
    const lock = await ShelfLock.take({ ...parts, inUse }, sharing);
    await inUse.sweep();
    return async () => {
      // One that stays is taken over at the next start.
      await lock.leave().catch(() => {});
      await inUse.hide();
    };
  } catch (error) {
    await inUse.hide();
    throw error;
  }
}

/** Gives back a directory when all workers have ended that had it, for their process: none of them knows whether it is the last. Never rejects: a lock that stays is taken over by whoever can tell that its process has ended. */
export async function giveBackDirectory(directory: string, sharing: Sharing): Promise<void> {
  await giveBack({ files: systemFiles, layout: layoutOf(directory) }, sharing).catch(() => {});
}
