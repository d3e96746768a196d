import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, withLine } from '../../../src/http/fields.ts';
import type { MemoryStore } from '../../../src/store/memory.ts';
import type { Shelved, Store } from '../../../src/store/store.ts';
import { adapted } from './adapted-store.ts';
import { ContentElsewhere } from './content-elsewhere.ts';
import { stage } from './engine-stage.ts';

export const text = 'abcdefghijkl';

export type Line = readonly [string, string];

/** An engine on whose shelf one response lies whose content is elsewhere, in three pieces. `lines` take the place of those that it would have; an empty one of none. */
export function shelvedElsewhere(lines: readonly Line[] = [], whole = text) {
  const content = new ContentElsewhere(whole, whole.length / 3);
  const elsewhere = (shelf: readonly Shelved[]): readonly Shelved[] => shelf.map(({ stored }) => ({ stored, content }));
  const adapt = (memory: MemoryStore): Store =>
    adapted(memory, { lookup: (key, presented) => elsewhere(memory.lookup(key, presented)) });
  const play = stage({}, adapt);
  play.ask('/');
  const arrival = play.origin.arrivals[0];
  const fields = new Map<string, string>([play.date, ['cache-control', 'max-age=60'], ['etag', '"1"'], ...lines]);
  arrival?.head({ status: 200, fields: fieldsOf(...[...fields].filter(([, value]) => value !== '')) });
  arrival?.write(Buffer.from(whole));
  arrival?.end();
  return { ...play, content };
}

/** The request as that client makes it. */
export const as =
  (method: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => {
    const fields = lines.reduce((all, [name, value]) => withLine(all, name, value), exchange.request.fields);
    return { ...exchange, request: { ...exchange.request, method, fields } };
  };
