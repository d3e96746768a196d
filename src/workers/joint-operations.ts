import type { Inspection, Operations } from '../engine/operations.ts';
import type { Link } from './link.ts';

/** What each worker knows alone of a request: the shelf is everybody's. */
type Own = Pick<Inspection, 'fillInProgress' | 'lastNotStored'>;

/** What an operator may do with the cache of all workers: what has to be looked up in each of them is asked of all. */
export function jointOperations(here: Operations, link: Link): Operations {
  void link.answers('inspect', async ({ request }): Promise<Own> => ownOf(await here.inspect(request)));
  return {
    purge: (selection, mode) => here.purge(selection, mode),
    preview: (selection) => here.preview(selection),
    entries: (query) => here.entries(query),
    async inspect(request) {
      const [inspected, answers] = await Promise.all([here.inspect(request), link.ask({ kind: 'inspect', request })]);
      const all = [inspected, ...answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer as Own]))];
      const lastNotStored = all.map((own) => own.lastNotStored).reduce(later);
      return {
        ...inspected,
        fillInProgress: all.some(({ fillInProgress }) => fillInProgress),
        ...(lastNotStored === undefined ? {} : { lastNotStored }),
      };
    },
  };
}

function ownOf({ fillInProgress, lastNotStored }: Inspection): Own {
  return lastNotStored === undefined ? { fillInProgress } : { fillInProgress, lastNotStored };
}

function later(one: Own['lastNotStored'], other: Own['lastNotStored']): Own['lastNotStored'] {
  if (one === undefined || other === undefined) return one ?? other;
  return one.times.responseWallTime >= other.times.responseWallTime ? one : other;
}
