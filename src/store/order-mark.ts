import type { EpochMs } from '../http/message.ts';

/** That the lifetime of what has a smaller number than this has ended at a wall time. */
interface Ending {
  readonly number: number;
  readonly at: EpochMs;
}

/** The last orders about something: the number of the last hard one, and what the soft ones have ended. */
export interface Mark {
  readonly hard: number;
  /** By their numbers; later ones end lifetimes later, as any other says nothing that the next does not. */
  readonly endings: readonly Ending[];
}

export const noMark: Mark = { hard: 0, endings: [] };

/** So many soft orders about the same are told apart. */
const maxEndings = 4;

/** `expiredAt`: wall time at which lifetimes end; without it, the order is a hard one. */
export function markOf(number: number, expiredAt: EpochMs | undefined): Mark {
  return expiredAt === undefined ? { hard: number, endings: [] } : { hard: 0, endings: [{ number, at: expiredAt }] };
}

/** What both say. */
export function joined(one: Mark, other: Mark): Mark {
  return { hard: Math.max(one.hard, other.hard), endings: joinedEndings(one.endings, other.endings) };
}

export function lastOf({ hard, endings }: Mark): number {
  return Math.max(hard, endings.at(-1)?.number ?? 0);
}

/** When the lifetime has ended of what has that number: with the first order after it, as whoever gave that was told; the windows after the lifetime (RFC 5861) do not begin anew with the next. */
export function endedBy({ endings }: Mark, number: number): EpochMs | undefined {
  return endings.find((ending) => ending.number > number)?.at;
}

function joinedEndings(one: readonly Ending[], other: readonly Ending[]): readonly Ending[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const endings: Ending[] = [];
  for (const ending of [...one, ...other].sort((a, b) => b.number - a.number)) {
    const [next] = endings;
    if (next === undefined || ending.at < next.at) endings.unshift(ending);
  }
  // Of the two that were first, both end with the earlier time: none that was told ends later.
  while (endings.length > maxEndings) {
    const [first, second] = endings.splice(0, 2);
    if (first !== undefined && second !== undefined) endings.unshift({ number: second.number, at: first.at });
  }
  return endings;
}
