import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';

/** Keys in the order of their bytes, each with a value. What is given out is a copy. */
export interface Table {
  get(key: Uint8Array): Buffer | undefined;
  has(key: Uint8Array): boolean;
  /** Only within a transaction, as is `remove`. */
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
  /** From the first key that is not smaller than `from` to the last that is smaller than `to`; at most `limit` of them, or with `reverse` as many from the end. */
  range(query: RangeQuery): { readonly key: Buffer; readonly value: Buffer }[];
  /** Keys that there are. */
  count(): number;
}

export interface RangeQuery {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** All, where there is none. */
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** The tables of a shelf; what is in each, `entry.ts` says. */
export const tableNames = ['records', 'content', 'turns', 'files', 'orders', 'facts'] as const;

export type Tables = Readonly<Record<(typeof tableNames)[number], Table>>;

/** The port to the database of a shelf. */
export interface Environment extends Tables {
  /**
   * Runs `work` where it alone may write, in this process and all others, and reads what it has written. Resolves when that is kept for good; rejects, and keeps nothing of it, where `work`
   * throws or it could not be kept.
   */
  transaction<T>(work: () => T): Promise<T>;
  /** From now on what is read is what is there, also of what others have written; otherwise what was there up to a millisecond before. */
  refresh(): void;
  /** Bytes of the pages in use, within a transaction with those of its own. */
  usedBytes(): number;
  /** Bytes of the file, which never shrinks: pages that are not in use are used again. */
  fileBytes(): number;
  close(): Promise<void>;
}

/** How an environment is opened: at a directory that is there; the file may grow to `maxBytes` of address space. */
export type OpenEnvironment = (directory: string, maxBytes: number) => Promise<Environment>;

/**
 * Opens a database of LMDB.
 *
 * @throws Error where the package is not installed, or the database can't be opened.
 */
export const openLmdb: OpenEnvironment = async (directory, maxBytes) => {
  const { open } = await import('lmdb');
  for (let there = underWayAt(directory); there.length > 0; there = underWayAt(directory))
    await Promise.allSettled(there);
  const root = open<Uint8Array, Uint8Array>({
    path: directory,
    mapSize: maxBytes,
    maxDbs: tableNames.length + 1,
    // One for each process, and twice as many while they restart: those of LMDB itself are 126.
    maxReaders: 1_024,
    keyEncoding: 'binary',
    encoding: 'binary',
    // With it, one process killed in a commit breaks the database for the others.
    overlappingSync: false,
    // With it, a commit that fails rejects a promise that nobody can get hold of, which ends the process.
    eventTurnBatching: false,
  });
  try {
    // In the same turn, as its tables are opened by transactions of their own.
    const environment = new LmdbEnvironment(root, directory);
    // It makes them for everybody to read.
    for (const name of ['data.mdb', 'lock.mdb']) await chmod(join(directory, name), 0o600);
    return environment;
  } catch (error) {
    await root.close();
    throw error;
  }
};

/** Transactions of this process, with where they are. */
const underWay = new Map<Promise<unknown>, string>();

/** Has it known while it is under way. */
async function told<T>(transaction: Promise<T>, directory: string): Promise<T> {
  underWay.set(transaction, directory);
  try {
    return await transaction;
  } finally {
    underWay.delete(transaction);
  }
}

/** What opening has to wait for: it waits for the turn to write without letting go of the event loop, which a transaction in this very process needs to come to its end. */
function underWayAt(directory: string): readonly Promise<unknown>[] {
  return [...underWay].flatMap(([done, where]) => (where === directory ? [done] : []));
}

class LmdbEnvironment implements Environment {
  readonly records: LmdbTable;
  readonly content: LmdbTable;
  readonly turns: LmdbTable;
  readonly files: LmdbTable;
  readonly orders: LmdbTable;
  readonly facts: LmdbTable;
  readonly #root: RootDatabase<Uint8Array, Uint8Array>;
  readonly #directory: string;
  readonly #state: EnvironmentState = { isOpen: true };

  constructor(root: RootDatabase<Uint8Array, Uint8Array>, directory: string) {
    this.#root = root;
    this.#directory = directory;
    const table = (name: string): LmdbTable =>
      new LmdbTable(
        root.openDB<Uint8Array, Uint8Array>({ name, keyEncoding: 'binary', encoding: 'binary' }),
        this.#state,
      );
    this.records = table('records');
    this.content = table('content');
    this.turns = table('turns');
    this.files = table('files');
    this.orders = table('orders');
    this.facts = table('facts');
  }

  async transaction<T>(work: () => T): Promise<T> {
    process.on('exit', endAtOnce);
    try {
      // A child, as only such a one is undone where `work` throws.
      return await told(this.#root.childTransaction(work), this.#directory);
    } catch (error) {
      throw await causeOf(error);
    } finally {
      process.off('exit', endAtOnce);
      this.#root.resetReadTxn();
    }
  }

  refresh(): void {
    this.#root.resetReadTxn();
  }

  usedBytes(): number {
    const stats = this.records.stats();
    const own = pagesOf(stats.root) + pagesOf(stats.free);
    const pages = tableNames.reduce((sum, name) => sum + pagesOf(this[name].stats()), own);
    return pages * stats.pageSize;
  }

  fileBytes(): number {
    const stats = this.records.stats();
    return (stats.lastPageNumber + 1) * stats.pageSize;
  }

  close(): Promise<void> {
    this.#state.isOpen = false;
    return this.#root.close();
  }
}

interface EnvironmentState {
  isOpen: boolean;
}

class LmdbTable implements Table {
  readonly #opened: Database<Uint8Array, Uint8Array>;
  readonly #state: EnvironmentState;

  constructor(opened: Database<Uint8Array, Uint8Array>, state: EnvironmentState) {
    this.#opened = opened;
    this.#state = state;
  }

  /** While it is being closed, LMDB lets itself be read, and throws for it later where nobody can catch that. */
  get #database(): Database<Uint8Array, Uint8Array> {
    if (!this.#state.isOpen) throw new Error('the database is closed');
    return this.#opened;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.#database.getBinary(key);
  }

  has(key: Uint8Array): boolean {
    return this.#database.doesExist(key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#database.putSync(key, value);
  }

  remove(key: Uint8Array): void {
    this.#database.removeSync(key);
  }

  range({ from, to, limit, reverse }: RangeQuery): { readonly key: Buffer; readonly value: Buffer }[] {
    const bounds = reverse
      ? { start: to, end: from, reverse, exclusiveStart: true, inclusiveEnd: true }
      : { start: from, end: to };
    const found: { readonly key: Buffer; readonly value: Buffer }[] = [];
    for (const entry of this.#database.getRange(limit === undefined ? bounds : { ...bounds, limit })) {
      // Large values are not copied by themselves: they would change under whoever has them.
      found.push({ key: Buffer.from(entry.key), value: Buffer.from(entry.value) });
    }
    return found;
  }

  count(): number {
    return this.stats().entryCount;
  }

  stats(): LmdbStats {
    return this.#database.getStats() as LmdbStats;
  }
}

interface LmdbPages {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

/** What the types of the package leave open. */
interface LmdbStats extends LmdbPages {
  readonly pageSize: number;
  readonly entryCount: number;
  readonly lastPageNumber: number;
  readonly root: LmdbPages;
  readonly free: LmdbPages;
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: LmdbPages): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}

/** An exit waits for its threads: for one that is in the middle of a transaction, and waits for this one, for ever, and with it whoever else writes. Killed, it keeps nothing of it. */
function endAtOnce(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** A commit that failed names its cause in a promise of its own, which has to be listened to. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
