import { type Environment, openLmdb, type Table, tableNames } from '../../src/store/disk/environment.ts';
import { type Files, systemFiles } from '../../src/store/disk/files.ts';

/** A disk of which one call fails, or all from that one on until it is mended. */
export class FaultyDisk {
  /** Calls so far. */
  calls = 0;
  readonly #failing: number;
  readonly #lasting: boolean;
  readonly #code: string;
  #isMended = false;

  /** @param failing The index of the call; beyond all of them, none fails. */
  constructor(code: string, failing: number, lasting: boolean) {
    this.#code = code;
    this.#failing = failing;
    this.#lasting = lasting;
  }

  mend(): void {
    this.#isMended = true;
  }

  /** Counts a call, and throws where it is to fail. */
  call(what: string): void {
    const index = this.calls++;
    const fails = this.#lasting ? index >= this.#failing : index === this.#failing;
    if (!fails || this.#isMended) return;
    throw Object.assign(new Error(`${this.#code}: ${what} was made to fail`), { code: this.#code });
  }
}

/** The file system, on that disk. */
export function faultyFiles(disk: FaultyDisk): Files {
  const on =
    <A extends readonly unknown[], R>(what: string, act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      disk.call(what);
      return act(...args);
    };
  return {
    openToRead: on('openToRead', systemFiles.openToRead),
    create: on('create', systemFiles.create),
    read: on('read', systemFiles.read),
    write: on('write', systemFiles.write),
    sync: on('sync', systemFiles.sync),
    syncDirectory: on('syncDirectory', systemFiles.syncDirectory),
    // A descriptor is gone in any case.
    close: async (descriptor) => {
      await systemFiles.close(descriptor);
      disk.call('close');
    },
    rename: on('rename', systemFiles.rename),
    unlink: on('unlink', systemFiles.unlink),
    makeDirectory: on('makeDirectory', systemFiles.makeDirectory),
    removeTree: on('removeTree', systemFiles.removeTree),
    list: on('list', systemFiles.list),
    facts: on('facts', systemFiles.facts),
    totalBytes: on('totalBytes', systemFiles.totalBytes),
    freeBytes: on('freeBytes', systemFiles.freeBytes),
  };
}

/** Opens a database on that disk: it fails before a transaction, at its end, and where something is read outside of one. */
export function faultyLmdb(disk: FaultyDisk): typeof openLmdb {
  return async (directory, maxBytes) => {
    disk.call('open');
    const environment = await openLmdb(directory, maxBytes);
    let isWriting = false;
    const read = (): void => {
      if (!isWriting) disk.call('get');
    };
    const tables = Object.fromEntries(tableNames.map((name) => [name, faultyTable(environment[name], read)]));
    const transaction: Environment['transaction'] = async (work) => {
      disk.call('begin');
      return environment.transaction(() => {
        isWriting = true;
        try {
          const result = work();
          disk.call('commit');
          return result;
        } finally {
          isWriting = false;
        }
      });
    };
    return {
      ...(tables as Record<(typeof tableNames)[number], Table>),
      transaction,
      refresh: () => environment.refresh(),
      usedBytes: () => environment.usedBytes(),
      fileBytes: () => environment.fileBytes(),
      close: () => environment.close(),
    };
  };
}

/** @param read Throws where reading is to fail. */
function faultyTable(table: Table, read: () => void): Table {
  return {
    get: (key) => {
      read();
      return table.get(key);
    },
    has: (key) => {
      read();
      return table.has(key);
    },
    range: (query) => {
      read();
      return table.range(query);
    },
    count: () => {
      read();
      return table.count();
    },
    put: (key, value) => table.put(key, value),
    remove: (key) => table.remove(key),
  };
}
