import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backing, type Found, pieceBytes } from '../../src/store/backing.ts';
import { keepsOrders } from './backing-contract-of-orders.ts';
import { scans } from './backing-contract-of-scans.ts';
import { type Ground, keepMs, placeOf, putRecord } from './ground.ts';
import { contentOf, toldOf } from './lying.ts';

/** What any backing must do. `make` gives an empty ground. */
export function backingContract(name: string, make: () => Ground | Promise<Ground>): void {
  describe(`${name}, as any backing,`, () => {
    let ground: Ground;

    beforeEach(async () => {
      ground = await make();
    });

    afterEach(async () => {
      await ground.close();
    });

    putsAndFinds(() => ground.backing);
    changesHeads(() => ground.backing);
    readsMeanwhile(() => ground.backing);
    scans(() => ground.backing);
    sharesRecords(() => ground);
    keepsOrders(() => ground);
  });
}

const row = (backing: Backing, number: number): Found | Promise<Found> => backing.row(placeOf(number).row);

async function rowOf(backing: Backing, number: number): Promise<string[]> {
  return toldOf((await row(backing, number)).lying);
}

/** The heads of those whose content can be read at once. */
async function atHand(backing: Backing, number: number, variants: readonly string[]): Promise<string[]> {
  const { lying } = await backing.row(placeOf(number).row, () => variants);
  const there = lying.filter(({ pieces }) => pieces.isAtHand);
  for (const { pieces } of there) expect(pieces.read(0)).toBeInstanceOf(Uint8Array);
  return there.map(({ head }) => head.toString());
}

/** Content of some pieces, each of them another. */
const long = ['a', 'b', 'c'].map((letter) => letter.repeat(pieceBytes)).join('') + 'end';
const other = ['x', 'y', 'z'].map((letter) => letter.repeat(pieceBytes)).join('') + 'end';

function putsAndFinds(backing: () => Backing): void {
  it('has nothing where nothing was put', async () => {
    expect(await row(backing(), 1)).toEqual({ orders: 0, lying: [] });
    expect(await backing().at(placeOf(1))).toBeUndefined();
    expect(backing().stats()).toMatchObject({ evictions: 0, failures: 0, isUp: true });
  });

  it.each([
    ['none', ''],
    ['some', 'content'],
    ['that fills a piece', 'x'.repeat(pieceBytes)],
    ['of several pieces', long],
  ])('gives back a head, and content: %s', async (_what, content) => {
    expect(await putRecord(backing(), placeOf(1), 'head', content)).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual([`head: ${content}`]);
    const lying = await backing().at(placeOf(1));
    expect(lying?.place).toEqual(placeOf(1));
    expect(lying?.head.toString()).toBe('head');
    expect(lying?.pieces.length).toBe(content.length);
    expect(lying && (await contentOf(lying.pieces))).toBe(content);
  });

  it('gives any bytes back as they were, of head and content', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 7) % 256));
    const draft = backing().draft(placeOf(1), undefined);
    draft?.write(bytes);
    expect(await draft?.commit(bytes, keepMs)).toBe(true);
    const lying = await backing().at(placeOf(1));
    expect(lying?.head.equals(bytes)).toBe(true);
    expect(Buffer.from((await lying?.pieces.read(0)) ?? []).equals(bytes)).toBe(true);
  });

  it('has content of one piece at once, and none past the end', async () => {
    await putRecord(backing(), placeOf(1), 'head', 'content');
    const lying = await backing().at(placeOf(1));
    expect(lying?.pieces.isAtHand).toBe(true);
    expect(lying?.pieces.read(0)).toBeInstanceOf(Uint8Array);
    expect(await lying?.pieces.read(1)).toBeUndefined();
  });

  it('has the content of a variant at once that is named, or the only one, of one piece', async () => {
    await putRecord(backing(), placeOf(1, 0), 'long', long);
    await putRecord(backing(), placeOf(1, 1), 'one', 'eins');
    await putRecord(backing(), placeOf(1, 2), 'two', 'zwei');
    await putRecord(backing(), placeOf(2, 1), 'single', 'allein');
    await putRecord(backing(), placeOf(3, 1), 'none', '');
    const [{ variant: first }, { variant: second }, { variant: third }] = [placeOf(1), placeOf(1, 1), placeOf(1, 2)];
    expect(await atHand(backing(), 1, [first, second])).toContain('one');
    expect(await atHand(backing(), 1, [first, second, third])).toEqual(expect.arrayContaining(['one', 'two']));
    expect(await atHand(backing(), 1, [first, second, third])).not.toContain('long');
    expect(await atHand(backing(), 2, [])).toEqual(['single']);
    expect(await atHand(backing(), 3, [])).toEqual([]);
    for (const named of [undefined, [], [third]]) {
      const { lying } = await backing().row(placeOf(1).row, named && (() => named));
      expect(await toldOf(lying)).toEqual([`long: ${long}`, 'one: eins', 'two: zwei']);
    }
  });

  it('keeps variants and rows apart, and finds a row with all that is in it', async () => {
    for (const [number, variant] of [
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 2],
    ] as const)
      await putRecord(backing(), placeOf(number, variant), `${number}/${variant}`);
    expect(await rowOf(backing(), 1)).toEqual(['1/0: ', '1/1: ']);
    expect(await rowOf(backing(), 2)).toEqual(['2/0: ', '2/2: ']);
    expect(await rowOf(backing(), 3)).toEqual([]);
    expect((await backing().at(placeOf(2, 2)))?.head.toString()).toBe('2/2');
    expect(await backing().at(placeOf(1, 2))).toBeUndefined();
  });

  it('shows nothing of a draft before its commit, and leaves what lies there until then', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    const draft = backing().draft(placeOf(1), 3);
    const elsewhere = backing().draft(placeOf(2), 3);
    expect([draft?.write(Buffer.from('two')), elsewhere?.write(Buffer.from('two'))]).toEqual([true, true]);
    expect(await rowOf(backing(), 1)).toEqual(['old: one']);
    expect(await rowOf(backing(), 2)).toEqual([]);
    expect(await draft?.commit(Buffer.from('new'), keepMs)).toBe(true);
    expect(await elsewhere?.commit(Buffer.from('new'), keepMs)).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual(['new: two']);
    expect(await rowOf(backing(), 2)).toEqual(['new: two']);
  });

  it('keeps nothing of a draft that was aborted, not even after a commit', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    const draft = backing().draft(placeOf(1), undefined);
    draft?.write(Buffer.alloc(pieceBytes, 'x'));
    draft?.abort();
    draft?.abort();
    expect(draft?.write(Buffer.from('y'))).toBe(false);
    expect(await draft?.commit(Buffer.from('new'), keepMs)).toBe(false);
    expect(await rowOf(backing(), 1)).toEqual(['old: one']);
  });

  it('leaves what was committed when the draft is aborted afterwards', async () => {
    const draft = backing().draft(placeOf(1), 3);
    draft?.write(Buffer.from('one'));
    await draft?.commit(Buffer.from('head'), keepMs);
    draft?.abort();
    expect(await rowOf(backing(), 1)).toEqual(['head: one']);
  });

  it('has in a place what was committed there last, whole, of several that were on their way', async () => {
    const drafts = [long, other].map((content) => {
      const draft = backing().draft(placeOf(1), content.length);
      return { draft, bytes: Buffer.from(content) };
    });
    for (let at = 0; at < long.length; at += pieceBytes)
      for (const { draft, bytes } of drafts) draft?.write(bytes.subarray(at, at + pieceBytes));
    expect(await drafts[1]?.draft?.commit(Buffer.from('second'), keepMs)).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual([`second: ${other}`]);
    expect(await drafts[0]?.draft?.commit(Buffer.from('first'), keepMs)).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual([`first: ${long}`]);
  });
}

function changesHeads(backing: () => Backing): void {
  const replace = async (before: string, after: string): Promise<boolean> =>
    backing().replace(placeOf(1), Buffer.from(before), Buffer.from(after), keepMs);

  it.each(['', 'content', long])('puts another head over the same content', async (content) => {
    await putRecord(backing(), placeOf(1), 'old', content);
    expect(await replace('old', 'another')).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual([`another: ${content}`]);
  });

  it('puts a head in the place of exactly the one that is named', async () => {
    expect(await replace('old', 'new')).toBe(false);
    await putRecord(backing(), placeOf(1), 'old', 'one');
    for (const before of ['ol', 'older', 'new', '']) expect(await replace(before, 'new')).toBe(false);
    expect(await rowOf(backing(), 1)).toEqual(['old: one']);
  });

  it('lets one of several win that replace the same head', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    const won = await Promise.all(['a', 'b', 'c'].map((after) => replace('old', after)));
    expect(won.filter((each) => each)).toHaveLength(1);
    expect(await rowOf(backing(), 1)).toEqual([`${['a', 'b', 'c'][won.indexOf(true)]}: one`]);
  });

  it('does not replace a head over the content of a later commit', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    await putRecord(backing(), placeOf(1), 'new', 'two');
    expect(await replace('old', 'freshened')).toBe(false);
    expect(await rowOf(backing(), 1)).toEqual(['new: two']);
  });

  it('takes away what is there, and nothing else', async () => {
    for (const variant of [0, 1]) await putRecord(backing(), placeOf(1, variant), `${variant}`, long);
    expect(await backing().remove(placeOf(1))).toBe(true);
    expect(await backing().remove(placeOf(1))).toBe(false);
    expect(await backing().remove(placeOf(2))).toBe(false);
    expect(await rowOf(backing(), 1)).toEqual([`1: ${long}`]);
  });

  it('takes away only what has the head that is named, where one is', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    expect(await backing().remove(placeOf(1), Buffer.from('other'))).toBe(false);
    expect(await rowOf(backing(), 1)).toEqual(['old: one']);
    expect(await backing().remove(placeOf(1), Buffer.from('old'))).toBe(true);
    expect(await rowOf(backing(), 1)).toEqual([]);
  });

  it('does not replace what was taken away meanwhile', async () => {
    await putRecord(backing(), placeOf(1), 'old', 'one');
    const [removed, replaced] = await Promise.all([backing().remove(placeOf(1)), replace('old', 'new')]);
    expect([removed, replaced]).toContain(true);
    expect(await rowOf(backing(), 1)).toEqual([]);
  });
}

function readsMeanwhile(backing: () => Backing): void {
  it('reads the same content on when the head was replaced', async () => {
    await putRecord(backing(), placeOf(1), 'old', long);
    const lying = await backing().at(placeOf(1));
    await backing().replace(placeOf(1), Buffer.from('old'), Buffer.from('new'), keepMs);
    expect(lying && (await contentOf(lying.pieces))).toBe(long);
  });

  it.each(['removed', 'replaced'])('never reads other bytes for what was %s', async (what) => {
    await putRecord(backing(), placeOf(1), 'old', long);
    const lying = await backing().at(placeOf(1));
    if (what === 'removed') await backing().remove(placeOf(1));
    else await putRecord(backing(), placeOf(1), 'new', other);
    expect([long, undefined]).toContain(lying && (await contentOf(lying.pieces)));
  });

  it('gives what lies in a place whole, while others put there', async () => {
    await putRecord(backing(), placeOf(1), 'long', long);
    const told: string[] = [];
    const reading = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) told.push(...(await rowOf(backing(), 1)));
    };
    const writing = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await putRecord(backing(), placeOf(1), 'other', other);
        await putRecord(backing(), placeOf(1), 'long', long);
      }
    };
    await Promise.all([reading(), writing(), reading()]);
    expect(told.length).toBeGreaterThan(0);
    const whole = new Set([`long: ${long}`, `other: ${other}`, 'long: undefined', 'other: undefined']);
    expect(told.filter((each) => !whole.has(each))).toEqual([]);
    expect(await rowOf(backing(), 1)).toEqual([`long: ${long}`]);
  });
}

function sharesRecords(ground: () => Ground): void {
  it('finds what another has put, replaced and taken away', async () => {
    const another = await ground().another();
    await putRecord(another, placeOf(1), 'old', long);
    expect(await rowOf(ground().backing, 1)).toEqual([`old: ${long}`]);
    expect(await another.replace(placeOf(1), Buffer.from('old'), Buffer.from('new'), keepMs)).toBe(true);
    expect(await rowOf(ground().backing, 1)).toEqual([`new: ${long}`]);
    expect(await ground().backing.replace(placeOf(1), Buffer.from('old'), Buffer.from('x'), keepMs)).toBe(false);
    expect(await another.remove(placeOf(1), Buffer.from('new'))).toBe(true);
    expect(await rowOf(ground().backing, 1)).toEqual([]);
  });

  it('finds again what was put before it was closed', async () => {
    const another = await ground().another();
    await putRecord(another, placeOf(1), 'head', long);
    await another.close();
    expect(await rowOf(await ground().another(), 1)).toEqual([`head: ${long}`]);
  });
}
