import type { Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** What can be said and not done yet. It is refused: what is passed over in silence is taken for done. */
const notYet: readonly (readonly [what: string, isSaid: (settings: Settings) => boolean])[] = [
  ['several addresses to listen on', ({ listen }) => listen.length > 1],
];

/**
 * Refuses what this version can read and not do.
 * @throws UsageError that names all of it
 */
export function refuseNotYet(settings: Settings): void {
  const said = notYet.filter(([, isSaid]) => isSaid(settings)).map(([what]) => what);
  if (said.length > 0) throw new UsageError(`this version can not do it yet: ${said.join(', ')}`, 'leave it out');
}
