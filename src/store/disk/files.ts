import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** What is to be known of a path. */
export interface FileFacts {
  readonly isDirectory: boolean;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** The same as long as it is the same, wherever it is moved to. */
  readonly identity: string;
}

/** The port to the file system. All reject with the `code` of the system. */
export interface Files {
  /** A descriptor to read from. Symbolic links are not followed. */
  readonly openToRead: (path: string) => Promise<number>;
  /** A descriptor of a new file, for its owner alone. */
  readonly create: (path: string) => Promise<number>;
  /** Bytes read: fewer than asked for at the end of the file, and now and then elsewhere. */
  readonly read: (descriptor: number, into: Uint8Array, position: number) => Promise<number>;
  /** Bytes written: now and then fewer than given. */
  readonly write: (descriptor: number, bytes: Uint8Array, position: number) => Promise<number>;
  /** Resolves when what was written so far stays, also where the power fails. */
  readonly sync: (descriptor: number) => Promise<void>;
  /** The same for the names in a directory, as far as the system can promise that. */
  readonly syncDirectory: (path: string) => Promise<void>;
  readonly close: (descriptor: number) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly unlink: (path: string) => Promise<void>;
  /** Makes a directory for its owner alone, and those above it; nothing happens where it is there. */
  readonly makeDirectory: (path: string) => Promise<void>;
  /** Takes away whatever is at that path. */
  readonly removeTree: (path: string) => Promise<void>;
  /** The names in a directory. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Undefined where there is nothing. */
  readonly facts: (path: string) => Promise<FileFacts | undefined>;
  /** Bytes that may still be written to the file system of that path. */
  readonly freeBytes: (path: string) => Promise<number>;
  /** Bytes that the file system of that path has in all. */
  readonly totalBytes: (path: string) => Promise<number>;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

const open = promisify(fs.open);
const read = promisify(fs.read);
const write = promisify(fs.write);
const close = promisify(fs.close);
const sync = promisify(fs.fsync);

/** What systems say where a directory can't be flushed, or not be opened for it. */
const noSyncCodes = new Set<string | undefined>(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES']);

/** The file system of this machine. Descriptors are numbers, as the objects of node:fs/promises warn when they are collected. */
export const systemFiles: Files = {
  openToRead: (path) => open(path, O_RDONLY | O_NOFOLLOW),
  create: (path) => open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600),
  read: async (descriptor, into, position) => (await read(descriptor, into, 0, into.length, position)).bytesRead,
  write: async (descriptor, bytes, position) =>
    (await write(descriptor, bytes, 0, bytes.length, position)).bytesWritten,
  sync,
  syncDirectory,
  close,
  rename: fs.promises.rename,
  unlink: fs.promises.unlink,
  makeDirectory,
  removeTree: (path) => fs.promises.rm(path, { recursive: true, force: true }),
  list: (path) => fs.promises.readdir(path),
  facts: async (path) => {
    try {
      const stat = await fs.promises.stat(path);
      const identity = `${stat.dev}:${stat.ino}`;
      return { isDirectory: stat.isDirectory(), uid: stat.uid, mode: stat.mode & 0o7777, size: stat.size, identity };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.promises.statfs(path);
    return bavail * bsize;
  },
  totalBytes: async (path) => {
    const { blocks, bsize } = await fs.promises.statfs(path);
    return blocks * bsize;
  },
};

/** Those above first: Node itself, asked for all of them, says `ENOENT` where the file system is read-only. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await makeOne(path);
  }
}

async function syncDirectory(path: string): Promise<void> {
  try {
    const descriptor = await open(path, O_RDONLY);
    try {
      await sync(descriptor);
    } finally {
      await close(descriptor);
    }
  } catch (error) {
    if (!noSyncCodes.has(codeOf(error))) throw error;
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await fs.promises.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !(await fs.promises.stat(path)).isDirectory()) throw error;
  }
}

/** What the system calls an error; undefined for one that is none of the system's. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
