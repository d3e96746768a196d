import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/store/backing.ts';
import type { DiskOptions } from '../../src/store/disk/backing.ts';
import { systemFiles } from '../../src/store/disk/files.ts';
import { filesIn, newDirectory, openShelf } from './disk-ground.ts';
import { keepMs, placeOf } from './ground.ts';
import { Later } from './later.ts';

const piece = Buffer.alloc(pieceBytes, 'content');
const megabyte = 2 ** 20 / pieceBytes;

/** A shelf on a disk that writes nothing to a file before it is told to. */
async function held(after?: DiskOptions['after']) {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const files = {
    ...systemFiles,
    write: async (descriptor: number, bytes: Uint8Array, position: number) => {
      if (!isOpen && bytes.length === pieceBytes) await new Promise<void>((resolve) => waiting.push(resolve));
      return systemFiles.write(descriptor, bytes, position);
    },
  };
  const directory = await newDirectory();
  const shelf = await openShelf(directory, { files, maxBytes: 512 * 2 ** 20, ...(after && { after }) });
  const writeOne = async (): Promise<void> => {
    while (waiting.length === 0) await turn();
    waiting.shift()?.();
  };
  const writeAll = (): void => {
    isOpen = true;
    for (const write of waiting.splice(0)) write();
  };
  return { shelf, directory, writeOne, writeAll };
}

describe('a draft on a disk that is slower than its source', () => {
  it('is behind while more than 1 MiB waits, and tells of each piece that is written', async () => {
    const { shelf, writeOne, writeAll } = await held();
    const draft = shelf.draft(placeOf(1), undefined);
    if (draft === undefined) throw new Error('there is room');
    for (let i = 0; i < megabyte; i++) draft.write(piece);
    expect(draft.behind).toBeUndefined();
    draft.write(piece);
    let told = 0;
    void draft.behind?.then(() => told++);
    await turn();
    expect(told).toBe(0);
    await writeOne();
    await draft.behind;
    expect([told, draft.behind]).toEqual([1, expect.any(Promise)]);
    writeAll();
    while (draft.behind !== undefined) await draft.behind;
    expect(await draft.commit(Buffer.from('head'), keepMs)).toBe(true);
    expect(shelf.at(placeOf(1))?.pieces.length).toBe((megabyte + 1) * pieceBytes);
  });

  it('is behind as soon as much waits of all of them, and leaves room for what is small', async () => {
    const { shelf, writeAll } = await held();
    const drafts = Array.from({ length: 17 }, (_, row) => shelf.draft(placeOf(row), undefined));
    for (const draft of drafts) for (let i = 0; i < megabyte; i++) draft?.write(piece);
    const late = shelf.draft(placeOf(100), undefined);
    for (let i = 0; i < 2; i++) expect(late?.write(piece)).toBe(true);
    expect(late?.behind).toBeInstanceOf(Promise);
    const small = shelf.draft(placeOf(101), 5);
    expect([small?.write(Buffer.from('small')), small?.behind]).toEqual([true, undefined]);
    expect(await small?.commit(Buffer.from('head'), keepMs)).toBe(true);
    writeAll();
    for (const draft of [...drafts, late]) draft?.abort();
  });

  it('is behind no more when it was given up', async () => {
    const { shelf, writeAll } = await held();
    const draft = shelf.draft(placeOf(1), undefined);
    for (let i = 0; i < 2 * megabyte; i++) draft?.write(piece);
    const { behind } = draft ?? {};
    expect(behind).toBeInstanceOf(Promise);
    draft?.abort();
    expect(draft?.behind).toBeUndefined();
    writeAll();
    await behind;
  });

  it('is given up, and leaves nothing, when its last piece is not written in time', async () => {
    const later = new Later();
    const { shelf, directory, writeAll } = await held(later.after);
    const draft = shelf.draft(placeOf(1), undefined);
    for (let i = 0; i < 3; i++) draft?.write(piece);
    do await turn();
    while (later.count > 0);
    const kept = draft?.commit(Buffer.from('head'), keepMs);
    await turn();
    expect(later.count).toBe(1);
    later.losePatience();
    expect([await kept, shelf.at(placeOf(1)), shelf.stats().isUp]).toEqual([false, undefined, false]);
    writeAll();
    await expect
      .poll(async () => [...(await filesIn(directory)).keys()].filter((path) => /content|temporary/.test(path)))
      .toEqual([]);
  });
});
