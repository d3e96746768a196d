import type { Content } from '../store/content.ts';
import type { Shelved } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Limits } from './limits.ts';

/** How long content that lies elsewhere is waited for, where there is another way. */
export interface Patience {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly ms: number;
}

/** As long as for anything else where it lies: a disk has more of a right to be slow than what is asked over a network, and has as long in any case. */
export function patienceWith(
  { tier }: Pick<Shelved, 'tier'>,
  {
    clock,
    limits,
  }: { readonly clock: Pick<Clock, 'schedule'>; readonly limits: Pick<Limits, 'shelfLookupMs' | 'shelfStallMs'> },
): Patience {
  const { shelfLookupMs, shelfStallMs } = limits;
  return { clock, ms: tier === 'disk' ? Math.max(shelfLookupMs, shelfStallMs) : shelfLookupMs };
}

/**
 * Brings what is at `offset` of content that lies elsewhere: whether it is there is worth knowing while there is another way still. Resolves with that, within the time that there is for it, and never
 * rejects; undefined where nothing has to be brought.
 */
export function brought(content: Content, offset: number, patience: Patience): Promise<boolean> | undefined {
  if (content.load === undefined || offset >= content.length || content.at(offset) !== undefined) return undefined;
  return inTime(content.load(offset), patience).then((isThere) => isThere === true);
}

/** Whether it is there; undefined where that took too long. Never rejects. */
export function inTime(loading: Promise<boolean>, { clock, ms }: Patience): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    // Where this process was busy for long, it is here, and only has to be read.
    const cancel = clock.schedule(ms, () => setImmediate(() => resolve(undefined)));
    const tell = (isThere: boolean): void => {
      cancel();
      resolve(isThere);
    };
    loading.then(tell, () => tell(false));
  });
}
