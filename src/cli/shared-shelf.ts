import { tmpdir } from 'node:os';
import type { Settings } from '../config/settings.ts';
import { unreadable } from '../config/system-code.ts';
import { UsageError } from '../config/usage-error.ts';
import { giveBackShelf } from '../shelf-check.ts';
import type { Sharing } from '../store/disk/owner.ts';
import { PrivateDirectory } from './private-directory.ts';

/** The least that a shelf on a disk is of use with, in bytes. */
const leastBytes = 64 * 2 ** 20;

/** Where workers share what they have stored: on the disk that was named, or, where none was, in a directory of their own that is gone with them. */
export class SharedShelf {
  #own: { readonly directory: PrivateDirectory; readonly bytes: number } | undefined;

  /**
   * The settings with a shelf that all workers have.
   * @throws UsageError where there can be none
   */
  named(settings: Settings): Settings {
    const { store, limits } = settings;
    if (store.kind !== 'memory') return settings;
    // What all of them have in memory lies there too, with the room that a disk takes beside. It stays that large, as those do who have it open.
    this.#own ??= { directory: ownDirectory(), bytes: Math.max(leastBytes, 2 * limits.memoryBytes) };
    const { directory, bytes: diskBytes } = this.#own;
    return { ...settings, store: { kind: 'disk', directory: directory.path }, limits: { ...limits, diskBytes } };
  }

  /** When all workers have ended: gives back what they had by these settings, and takes the directory away that was made. */
  async leave(settings: Settings, sharing: Sharing): Promise<void> {
    await giveBackShelf(settings, sharing);
    this.remove();
  }

  /** Takes the directory away that was made. */
  remove(): void {
    this.#own?.directory.remove();
  }
}

function ownDirectory(): PrivateDirectory {
  try {
    return new PrivateDirectory(tmpdir());
  } catch (error) {
    throw new UsageError(
      `store: there can be no shelf for the workers in ${tmpdir()} (${unreadable(error)})`,
      'name another place: --store disk:DIRECTORY',
    );
  }
}
