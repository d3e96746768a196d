import { join } from 'node:path';
import { type Environment, type OpenEnvironment, tableNames } from './environment.ts';
import { codeOf, type Files } from './files.ts';
import type { Layout } from './layout.ts';
import { DirectoryRefused, reasonOf, refusalFor } from './refused.ts';

export interface OpeningParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly open: OpenEnvironment;
  /** Address space, in bytes. */
  readonly mapBytes: number;
  readonly warn: (line: string) => void;
}

/** Elsewhere, numbers may be written otherwise. */
const knownMachines = new Set(['x64', 'arm64']);

/** Where the magic number, the size of a page, the last page and the transaction stand in each of the two first pages; LMDB 0.9 on machines of 64 bits. */
const metaAt = { magic: 24, pageBytes: 48, lastPage: 144, transaction: 152 };
const metaBytes = 160;
const magic = 0xbeef_c0de;

/** What a directory says that can't be moved as another has moved it. */
const movedBefore = new Set<string | undefined>(['ENOENT', 'ENOTEMPTY', 'EEXIST']);

/**
 * Opens the database of a shelf. One that is damaged is set aside, and another begun.
 *
 * @throws DirectoryRefused where it can't be opened for any other reason.
 */
export async function openDatabase(parts: OpeningParts): Promise<Environment> {
  const { files, layout } = parts;
  try {
    return await openIntact(parts);
  } catch (error) {
    if (error instanceof DirectoryRefused) throw error;
    await files.removeTree(layout.setAside);
    return openOrBegin(parts);
  }
}

/** Takes away what was set aside before, and not that which was since: it has another identity. */
export async function removeSetAside(
  { files, layout }: Pick<OpeningParts, 'files' | 'layout'>,
  before: string | undefined,
): Promise<void> {
  if (before === undefined || (await files.facts(layout.setAside))?.identity !== before) return;
  await files.removeTree(layout.setAside);
}

/** Looks once more, as another who shares it may have begun it anew meanwhile. */
async function openOrBegin(parts: OpeningParts): Promise<Environment> {
  const { files, layout, warn } = parts;
  try {
    await files.makeDirectory(layout.database);
    return await openIntact(parts);
  } catch (error) {
    if (error instanceof DirectoryRefused) throw error;
    if (await isSetAside(parts))
      warn(
        `the shelf in ${layout.directory} is damaged (${reasonOf(error)}): it is begun anew, and what there was of its index is in ${layout.setAside}`,
      );
    await files.makeDirectory(layout.database);
    return openIntact(parts);
  }
}

/** False where another has done it since: nothing can be put in the place of what that has set aside. */
async function isSetAside({ files, layout }: OpeningParts): Promise<boolean> {
  try {
    await files.rename(layout.database, layout.setAside);
    return true;
  } catch (error) {
    if (movedBefore.has(codeOf(error))) return false;
    throw error;
  }
}

async function openIntact({ files, layout, open, mapBytes }: OpeningParts): Promise<Environment> {
  try {
    await checkLength(files, join(layout.database, 'data.mdb'));
    const environment = await open(layout.database, mapBytes);
    try {
      readSome(environment);
    } catch (error) {
      await environment.close();
      throw error;
    }
    return environment;
  } catch (error) {
    if (isDamage(error)) throw error;
    const isMissing = codeOf(error) === 'ERR_MODULE_NOT_FOUND' || codeOf(error) === 'MODULE_NOT_FOUND';
    if (!isMissing) throw refusalFor(layout.directory, error);
    const what = `the shelf in ${layout.directory} needs the package lmdb, which is not installed; npm install lmdb`;
    throw new DirectoryRefused(what, { cause: error });
  }
}

class Damaged extends Error {}

/** What LMDB finds wrong with its file: a page that is missing, one that is none, another version of it, or no file of its own. Its other complaints, as of too many who read, are of whoever opens it. */
const damageCodes = new Set<unknown>([-30_797, -30_796, -30_794, -30_793]);

function isDamage(error: unknown): boolean {
  if (error instanceof Damaged) return true;
  return error instanceof Error && 'code' in error && damageCodes.has(error.code);
}

/** A file that is none, or ends before its last page, would end the process when it is read, as it is mapped into memory. */
async function checkLength(files: Files, path: string): Promise<void> {
  const facts = await files.facts(path);
  if (facts === undefined || facts.size === 0 || !knownMachines.has(process.arch)) return;
  const descriptor = await files.openToRead(path);
  try {
    const metaOf = async (position: number): Promise<Buffer | undefined> => {
      const bytes = Buffer.alloc(metaBytes);
      const isWhole = (await files.read(descriptor, bytes, position)) === metaBytes;
      return isWhole && bytes.readUInt32LE(metaAt.magic) === magic ? bytes : undefined;
    };
    const first = await metaOf(0);
    const pageBytes = first?.readUInt32LE(metaAt.pageBytes) ?? 0;
    const second = await metaOf(pageBytes);
    if (first === undefined || second === undefined) throw new Damaged('its index is none');
    const isSecond = second.readBigUInt64LE(metaAt.transaction) > first.readBigUInt64LE(metaAt.transaction);
    const lastPage = (isSecond ? second : first).readBigUInt64LE(metaAt.lastPage);
    // Looked at last: another who shares it may be making it larger.
    const size = (await files.facts(path))?.size ?? 0;
    if ((lastPage + 1n) * BigInt(pageBytes) > BigInt(size)) throw new Damaged('its index is cut off');
  } finally {
    await files.close(descriptor);
  }
}

/** The way to both ends of each table. */
function readSome(environment: Environment): void {
  const [from, to] = [Buffer.alloc(1), Buffer.alloc(32, 0xff)];
  for (const name of tableNames) {
    environment[name].range({ from, to, limit: 1 });
    environment[name].range({ from, to, limit: 1, reverse: true });
  }
}
