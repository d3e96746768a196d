import { dirname } from 'node:path';
import { codeOf, type FileFacts, type Files } from './files.ts';
import type { Layout } from './layout.ts';
import { DirectoryRefused } from './refused.ts';

/** The text of the marker, by which a directory is known as a shelf of this format. */
const markerText = 'etagere shelf, format 1\n';

/** What a file system has in its topmost directory by itself. */
const notOurs = new Set(['lost+found']);

const othersMayWrite = 0o002;
const groupMayWrite = 0o020;
/** Of a directory: what is in it can be moved by its owner alone. */
const isSticky = 0o1000;

/**
 * Makes the directory of a shelf, or makes sure that it is one, of this user, where not everybody may write.
 *
 * @throws DirectoryRefused where it is not.
 */
export async function prepareDirectory(files: Files, layout: Layout): Promise<void> {
  await checkDirectory(files, layout.directory);
  if (!(await isMarked(files, layout))) await writeMarker(files, layout.marker);
  // Before anything else is in it: without its marker it would not be known again where the power fails.
  await files.syncDirectory(layout.directory);
  const { database, content, temporary, inUse } = layout;
  for (const each of [database, content, temporary, inUse]) await files.makeDirectory(each);
}

/** What a look at a directory says that is no reason to refuse it: where it is, and whose. */
export interface Looked {
  /** The directory, or where there is none, the one above it that is there. */
  readonly standing: string;
  readonly isThere: boolean;
  /** The user it belongs to, where that is another than that of this process: it may be looked at for that one. */
  readonly otherUser: number | undefined;
}

/**
 * Looks at a directory as `prepareDirectory` does, and changes nothing. What belongs to another user is not looked into.
 *
 * @throws DirectoryRefused where it would be refused, whoever asks.
 */
export async function lookAtDirectory(files: Files, layout: Layout): Promise<Looked> {
  const { directory } = layout;
  const facts = await files.facts(directory);
  if (facts === undefined)
    return { standing: await standingAbove(files, directory), isThere: false, otherUser: undefined };
  checkFacts(directory, facts);
  const isOthers = facts.uid !== (process.getuid?.() ?? facts.uid);
  if (!isOthers) await isMarked(files, layout);
  return { standing: directory, isThere: true, otherUser: isOthers ? facts.uid : undefined };
}

async function standingAbove(files: Files, directory: string): Promise<string> {
  const above = dirname(directory);
  const facts = await files.facts(above);
  if (facts === undefined) return standingAbove(files, above);
  if (!facts.isDirectory) throw new DirectoryRefused(`${above} is a file; give another directory`);
  return above;
}

async function checkDirectory(files: Files, directory: string): Promise<void> {
  const facts = await files.facts(directory);
  if (facts === undefined) {
    await makeNew(files, directory);
    return;
  }
  const uid = process.getuid?.() ?? facts.uid;
  if (facts.isDirectory && facts.uid !== uid)
    throw new DirectoryRefused(
      `${directory} belongs to user ${facts.uid}, and this process runs as user ${uid}; chown it, or give another directory`,
    );
  checkFacts(directory, facts);
}

/** @throws DirectoryRefused with what to do where it can't be made. */
async function makeNew(files: Files, directory: string): Promise<void> {
  try {
    await files.makeDirectory(directory);
    await files.syncDirectory(dirname(directory));
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EROFS' && code !== 'EACCES') throw error;
    const above = await standingAbove(files, directory);
    const uid = process.getuid?.() ?? 0;
    throw new DirectoryRefused(
      code === 'EROFS'
        ? `${directory} can't be made, as the file system of ${above} is read-only; mount it so that it can be written to, or give another directory`
        : `${directory} can't be made, as user ${uid} may not write to ${above}; make it (sudo install -d -m 700 -o ${uid} ${directory}), or give another directory`,
      { cause: error },
    );
  }
}

/** Who may decide what is served beside its owner, with what to do, as lines for the operator. */
export async function othersAt(files: Files, { directory }: Layout): Promise<readonly string[]> {
  const lines: string[] = [];
  const own = await files.facts(directory);
  if (own !== undefined && (own.mode & groupMayWrite) !== 0)
    lines.push(`all of its group may write to ${directory}, and so decide what is served; chmod 700 it`);
  const above = dirname(directory);
  const facts = await files.facts(above);
  if (facts !== undefined && (facts.mode & othersMayWrite) !== 0 && (facts.mode & isSticky) === 0)
    lines.push(
      `everybody may write to ${above}, and so put another directory in the place of ${directory}; chmod +t ${above}`,
    );
  return lines;
}

/** What a shelf that is in use says where its directory is not there any more. */
export function gone(): Error {
  return new Error('its directory was removed or moved; put it back, or restart Etagere');
}

/** Makes a folder of a shelf anew, but not the shelf itself: the next start would find half of one. */
export async function makeFolder(files: Files, layout: Layout, folder: string): Promise<void> {
  if ((await files.facts(layout.marker)) === undefined) throw gone();
  await files.makeDirectory(folder);
}

function checkFacts(directory: string, { isDirectory, mode }: FileFacts): void {
  if (!isDirectory)
    throw new DirectoryRefused(`${directory} is a file; give a directory, which is made where there is none`);
  if ((mode & othersMayWrite) !== 0)
    throw new DirectoryRefused(
      `everybody may write to ${directory}, and so decide what is served; chmod 700 it, or give another directory`,
    );
}

/** Whether there is a whole or a begun marker; throws where there is anything else. */
async function isMarked(files: Files, { directory, marker }: Layout): Promise<boolean> {
  const names = await files.list(directory);
  const hasMarker = names.some((name) => marker.endsWith(`/${name}`) || marker.endsWith(`\\${name}`));
  if (!hasMarker) {
    const other = names.find((name) => !notOurs.has(name));
    if (other !== undefined)
      throw new DirectoryRefused(
        `${directory} is no shelf, and not empty: there is ${other} in it; give a directory of its own, or remove what is in it`,
      );
    return false;
  }
  const text = await readMarker(files, marker);
  // Shorter where somebody else is about to write it, or the power failed then.
  if (!markerText.startsWith(text))
    throw new DirectoryRefused(
      `${directory} is the shelf of another version of Etagere; give another directory, or remove that one`,
    );
  return true;
}

async function writeMarker(files: Files, marker: string): Promise<void> {
  try {
    const descriptor = await files.create(marker);
    try {
      await files.write(descriptor, Buffer.from(markerText), 0);
      await files.sync(descriptor);
    } finally {
      await files.close(descriptor);
    }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

async function readMarker(files: Files, marker: string): Promise<string> {
  const descriptor = await files.openToRead(marker);
  try {
    const bytes = Buffer.alloc(64);
    const text = bytes.toString('latin1', 0, await files.read(descriptor, bytes, 0));
    // Where the power fails, a file may have its length before its bytes.
    return text.replaceAll('\0', '');
  } finally {
    await files.close(descriptor);
  }
}
