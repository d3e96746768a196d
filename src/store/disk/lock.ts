import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { After } from './afterwards.ts';
import { codeOf, type Files } from './files.ts';
import type { InUse } from './in-use.ts';
import type { Layout } from './layout.ts';
import type { Sharing } from './owner.ts';
import { isMarkedRunning, markOf, type ProcessMark } from './process-mark.ts';
import { DirectoryRefused } from './refused.ts';

/** Who has taken a shelf, as the lock says. */
interface Holder {
  readonly token: string;
  readonly mark: ProcessMark;
  /** Whether others use it for that process: its workers. */
  readonly isShared: boolean;
  /** Whether it is shown by sockets that it is in use. */
  readonly isShown: boolean;
}

interface Lock {
  readonly path: string;
  readonly number: number;
  /** Undefined where it was given back, or the power failed before it was written. */
  readonly holder: Holder | undefined;
}

/** Where the locks of a shelf are. */
interface LockedParts {
  readonly files: Files;
  readonly layout: Layout;
}

export interface LockParts extends LockedParts {
  readonly inUse: InUse;
  readonly after: After;
}

const prefix = 'lock-';
const holderFile = 'holder';
const longestHolder = 4_096;

/** Workers whose process was killed end by themselves: so often and so long, in ms, that is waited for. */
const endingLooks = 100;
const endingPauseMs = 50;

/** What most systems say of a name that another has taken. */
const takenCodes = new Set<string | undefined>(['EEXIST', 'ENOTEMPTY']);

/**
 * The lock of a shelf: before anything else is opened there, as the database would hang in a process whose number another has in another container. It is a directory with a number, taken by the rename of one that is
 * whole: so of several that ask for the same number one has it. Who has taken one looks once more whether others are held, and steps back then.
 */
export class ShelfLock {
  readonly #parts: LockParts;
  readonly #sharing: Sharing;

  private constructor(parts: LockParts, sharing: Sharing) {
    this.#parts = parts;
    this.#sharing = sharing;
  }

  /**
   * Takes the shelf, or joins those who share it.
   *
   * @throws DirectoryRefused where others have it, or may have it.
   */
  static async take(parts: LockParts, sharing: Sharing): Promise<ShelfLock> {
    const lock = new ShelfLock(parts, sharing);
    while (!(await lock.#isTaken()));
    return lock;
  }

  /** Gives it back, where this process has it and not one whose worker it is. Its number stays. */
  leave(): Promise<void> {
    return giveBack(this.#parts, this.#sharing);
  }

  async #isTaken(): Promise<boolean> {
    const locks = await locksOf(this.#parts);
    await this.#refuseBeside(locks);
    if (locks.some(({ holder }) => holder?.token === this.#sharing.token)) return true;
    const path = await this.#put(Math.max(0, ...locks.map(({ number }) => number)) + 1);
    if (path === undefined) return false;
    try {
      const others = (await locksOf(this.#parts)).filter((lock) => lock.path !== path);
      await this.#refuseBeside(others);
      for (const other of others) await this.#takeAway(other.path);
    } catch (error) {
      await this.#takeAway(path);
      throw error;
    }
    return true;
  }

  /** The path of a lock of that number; undefined where another has it. */
  async #put(number: number): Promise<string | undefined> {
    const { files, layout, inUse } = this.#parts;
    const { token, pid } = this.#sharing;
    const holder: Holder = { token, mark: markOf(pid), isShared: pid !== process.pid, isShown: inUse.isShown };
    const [begun, path] = [this.#aside(), join(layout.inUse, `${prefix}${number}`)];
    await files.makeDirectory(begun);
    try {
      await writeNew(files, join(begun, holderFile), JSON.stringify(holder));
      await files.rename(begun, path);
      return path;
    } catch (error) {
      await files.removeTree(begun);
      if (takenCodes.has(codeOf(error)) || (await files.facts(path)) !== undefined) return undefined;
      throw error;
    }
  }

  /** At once, as whoever looks in between would find half a lock. */
  async #takeAway(path: string): Promise<void> {
    const { files } = this.#parts;
    const aside = this.#aside();
    await files.rename(path, aside);
    await files.removeTree(aside);
  }

  #aside(): string {
    return join(this.#parts.layout.inUse, `aside-${randomBytes(6).toString('hex')}`);
  }

  async #refuseBeside(locks: readonly Lock[]): Promise<void> {
    for (const { holder, path } of locks) {
      if (holder === undefined || holder.token === this.#sharing.token) continue;
      const refusal = await this.#refusalBeside(holder, path);
      if (refusal !== undefined) throw refusal;
    }
  }

  async #refusalBeside(holder: Holder, path: string): Promise<DirectoryRefused | undefined> {
    for (let looks = 0; ; looks += 1) {
      const state = await this.#stateOf(holder);
      if (state === 'ended') return undefined;
      if (state === 'ending' && looks < endingLooks) {
        await new Promise<void>((resolve) => void this.#parts.after(endingPauseMs, resolve));
        continue;
      }
      const { directory } = this.#parts.layout;
      return new DirectoryRefused(`${directory} ${refusals[state](holder.mark.pid, path)}`);
    }
  }

  async #stateOf({ token, mark, isShared, isShown }: Holder): Promise<State> {
    const isRunning = isMarkedRunning(mark);
    const isInUse = isShown ? await this.#parts.inUse.isShownBy(token) : undefined;
    if (isInUse === undefined) return isRunning === undefined ? 'unknown' : isRunning ? 'running' : 'ended';
    if (isInUse) return isRunning === undefined ? 'elsewhere' : isRunning ? 'running' : 'ending';
    // All of its workers may be beginning anew.
    return isShared && isRunning === true ? 'running' : 'ended';
  }
}

/** Gives back what was taken by whoever shares it, where this process is the one that they belong to. */
export async function giveBack(parts: LockedParts, { token, pid }: Sharing): Promise<void> {
  if (pid !== process.pid) return;
  for (const { path, holder } of await locksOf(parts))
    if (holder?.token === token) await parts.files.unlink(join(path, holderFile));
}

async function locksOf({ files, layout }: LockedParts): Promise<readonly Lock[]> {
  const names = (await files.list(layout.inUse)).filter((name) => name.startsWith(prefix));
  return Promise.all(
    names.map(async (name) => {
      const path = join(layout.inUse, name);
      const number = Number.parseInt(name.slice(prefix.length), 10) || 0;
      return { path, number, holder: await holderIn(files, path) };
    }),
  );
}

async function holderIn(files: Files, path: string): Promise<Holder | undefined> {
  try {
    return holderOf(await textOf(files, join(path, holderFile)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

type State = 'ended' | keyof typeof refusals;

const refusals = {
  running: (pid: number) =>
    `is the shelf of process ${pid}, which is running; give another directory, or stop that process`,
  elsewhere: (pid: number) =>
    `is the shelf of process ${pid} in another container, which is running; give another directory, or stop that process`,
  ending: (pid: number) =>
    `is the shelf of process ${pid}, which has ended, but not all of its workers; give another directory, or kill those`,
  unknown: (pid: number, path: string) =>
    `was the shelf of process ${pid} in another container, and without sockets in its file system nobody can tell whether that has ended; give another directory, or make sure that it has, and remove ${path}`,
};

function holderOf(text: string): Holder | undefined {
  try {
    const { token, mark, isShared, isShown } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    const { pid, started, boot, namespace } = mark as Partial<Record<keyof ProcessMark, unknown>>;
    if (typeof token !== 'string' || typeof pid !== 'number') return undefined;
    const known = { pid, started: String(started), boot: String(boot), namespace: String(namespace) };
    return { token, mark: known, isShared: isShared === true, isShown: isShown === true };
  } catch {
    return undefined;
  }
}

async function writeNew(files: Files, path: string, text: string): Promise<void> {
  const descriptor = await files.create(path);
  try {
    await files.write(descriptor, Buffer.from(text), 0);
  } finally {
    await files.close(descriptor);
  }
}

async function textOf(files: Files, path: string): Promise<string> {
  const descriptor = await files.openToRead(path);
  try {
    const bytes = Buffer.alloc(longestHolder);
    return bytes.toString('utf8', 0, await files.read(descriptor, bytes, 0));
  } finally {
    await files.close(descriptor);
  }
}
