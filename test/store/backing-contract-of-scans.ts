import { expect, it } from 'vitest';
import { type Backing, pieceBytes } from '../../src/store/backing.ts';
import { placeOf, putRecord } from './ground.ts';
import { toldOf } from './lying.ts';

/** Content of several pieces. */
const long = 'x'.repeat(2 * pieceBytes + 1);

/** The heads of all that a scan finds, page by page. */
async function scanned(backing: Backing, limit: number, between: () => unknown = () => {}): Promise<string[]> {
  const heads: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await backing.scan(cursor, limit);
    heads.push(...page.lying.map(({ head }) => head.toString()));
    cursor = page.cursor;
    await between();
  } while (cursor !== undefined);
  return heads;
}

/** What any backing does when all of it is gone over. */
export function scans(backing: () => Backing): void {
  const fill = async (): Promise<string[]> => {
    for (let i = 0; i < 30; i++) await putRecord(backing(), placeOf(i % 20, i), `head ${i}`, 'content');
    return Array.from({ length: 30 }, (_, i) => `head ${i}`).toSorted();
  };

  it('goes over nothing where there is nothing', async () => {
    expect(await scanned(backing(), 10)).toEqual([]);
  });

  it.each([1, 7, 1_000])('goes over all there is, in pages for %i', async (limit) => {
    const all = await fill();
    expect([...new Set(await scanned(backing(), limit))].toSorted()).toEqual(all);
  });

  it('has each with its place and content', async () => {
    await putRecord(backing(), placeOf(7, 8), 'head', long);
    const [lying] = (await backing().scan(undefined, 10)).lying;
    expect(lying?.place).toEqual(placeOf(7, 8));
    expect(lying && (await toldOf([lying]))).toEqual([`head: ${long}`]);
  });

  it('finds each that stays, whatever comes and goes meanwhile', async () => {
    const all = await fill();
    let next = 0;
    const found = await scanned(backing(), 3, async () => {
      await putRecord(backing(), placeOf(100 + next, next), 'new');
      await backing().remove(placeOf(next % 20, next));
      next += 4;
    });
    const gone = new Set(Array.from({ length: Math.ceil(next / 4) }, (_, i) => `head ${i * 4}`));
    expect(found).toEqual(expect.arrayContaining(all.filter((head) => !gone.has(head))));
  });

  it('ends at a cursor that is none', async () => {
    await fill();
    expect(await backing().scan('nonsense', 10)).toEqual({ lying: [], cursor: undefined });
  });
}
