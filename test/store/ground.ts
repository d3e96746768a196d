import { type Backing, type Place, pieceBytes } from '../../src/store/backing.ts';

/** Somewhere records lie. */
export interface Ground {
  readonly backing: Backing;
  /** Another backing over the same records, as of another process: at most one at a time. */
  readonly another: () => Backing | Promise<Backing>;
  /** Records are not where the log is: a commit can't compare itself with that. */
  readonly isApart?: boolean;
  /** Closes all of them, and leaves nothing. */
  readonly close: () => void | Promise<void>;
}

/** For how long records are of use in tests: longer than any of them lasts. */
export const keepMs = 3_600_000;

/** The place of a row and a variant that are named by small numbers. */
export function placeOf(row: number, variant = 0): Place {
  return { row: row.toString(16).padStart(32, '0'), variant: variant.toString(16).padStart(16, '0') };
}

/** Puts a record somewhere; whether it was kept. */
export async function putRecord(backing: Backing, place: Place, head: string, content = ''): Promise<boolean> {
  const bytes = Buffer.from(content);
  const draft = backing.draft(place, bytes.length);
  if (draft === undefined) return false;
  for (let at = 0; at < bytes.length; at += pieceBytes) draft.write(bytes.subarray(at, at + pieceBytes));
  return (await draft.commit(Buffer.from(head), keepMs)) === true;
}
