import { formatQuantity } from './config/quantities.ts';
import type { Settings } from './config/settings.ts';
import { UsageError } from './config/usage-error.ts';
import { lookAtDirectory } from './store/disk/directory.ts';
import { type Files, systemFiles } from './store/disk/files.ts';
import { layoutOf } from './store/disk/layout.ts';
import type { Sharing } from './store/disk/owner.ts';
import { type DirectoryRefused, refusalFor } from './store/disk/refused.ts';
import { giveBackDirectory } from './store/disk/taking.ts';

/**
 * Looks at the directory of a shelf as a start would, and changes nothing. Resolves with what is no mistake, and most likely not what was meant, one sentence each.
 *
 * @throws UsageError where a start would be refused
 */
export async function checkShelf({ store, limits }: Settings, files: Files = systemFiles): Promise<readonly string[]> {
  if (store.kind !== 'disk') return [];
  const { directory } = store;
  try {
    const { standing, isThere, otherUser } = await lookAtDirectory(files, layoutOf(directory));
    // What is there already may be the shelf itself.
    const has = isThere ? await files.totalBytes(standing) : await files.freeBytes(standing);
    return [
      ...(otherUser === undefined
        ? []
        : [`${directory} belongs to user ${otherUser}: only that one can use it, and it was not looked into`]),
      ...(has < limits.diskBytes
        ? [
            `disk is ${size(limits.diskBytes)}, and the file system of ${directory} has ${size(has)} ${isThere ? 'in all' : 'free'}: the shelf goes on within what there is`,
          ]
        : []),
    ];
  } catch (error) {
    throw usageErrorOf(refusalFor(directory, error));
  }
}

/** Gives back what workers had beneath memory, when all of them have ended; for the process whose workers they were. Never rejects. */
export async function giveBackShelf({ store }: Pick<Settings, 'store'>, sharing: Sharing): Promise<void> {
  if (store.kind === 'disk') await giveBackDirectory(store.directory, sharing);
}

/** A refusal as what was said wrong by whoever started Etagere. */
export function usageErrorOf({ message }: DirectoryRefused): UsageError {
  const [problem = '', ...advice] = message.split('; ');
  return new UsageError(
    `store: ${problem}`,
    advice.join('; ') || 'docs/operating.md says what a shelf on a disk needs',
  );
}

function size(bytes: number): string {
  return formatQuantity('bytes', Math.round(bytes / 2 ** 20) * 2 ** 20);
}
