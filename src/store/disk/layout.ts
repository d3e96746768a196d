import { join } from 'node:path';

/** Where everything is under the directory of a shelf. */
export interface Layout {
  readonly directory: string;
  /** Says that the directory is a shelf, and of which format. */
  readonly marker: string;
  readonly database: string;
  readonly content: string;
  /** Content on its way: by the process that writes it, and the name that it will have. */
  readonly temporary: string;
  /** Who has it open, each by a socket (`in-use.ts`). */
  readonly inUse: string;
  /** What was found damaged, last. */
  readonly setAside: string;
}

export function layoutOf(directory: string): Layout {
  return {
    directory,
    marker: join(directory, 'etagere-shelf'),
    database: join(directory, 'index'),
    content: join(directory, 'content'),
    temporary: join(directory, 'temporary'),
    inUse: join(directory, 'in-use'),
    setAside: join(directory, 'damaged'),
  };
}

/** The folder of content with that id: of 256, by the last byte, which counts on. */
export function folderOf({ content }: Layout, id: Buffer): string {
  return join(content, id.toString('hex', id.length - 1));
}

export function contentPath(layout: Layout, id: Buffer): string {
  return join(folderOf(layout, id), id.toString('hex'));
}

export function temporaryPath({ temporary }: Layout, id: Buffer): string {
  return join(temporary, `${process.pid}-${id.toString('hex')}`);
}

/** The number of the process that writes a file of that name; 0 for any other name. */
export function writerOf(name: string): number {
  return Number.parseInt(name, 10) || 0;
}
