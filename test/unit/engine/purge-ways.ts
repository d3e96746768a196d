import { type Fields, fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import type { stage } from './engine-stage.ts';
import type { RecordingSink } from './recording-sink.ts';

export type Play = ReturnType<typeof stage>;

export const statusOf = (sink: RecordingSink): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? fieldsOf(), 'cache-status');

export const head = (play: Play, ...lines: (readonly [string, string])[]): { status: number; fields: Fields } => ({
  status: 200,
  fields: fieldsOf(play.date, ['etag', '"1"'], ['surrogate-key', 'red green'], ['cache-groups', '"g"'], ...lines),
});

export const pass = (play: Play, ms: number): Promise<void> => play.clock.advance(ms, () => Promise.resolve());

/** Puts `/a/1` on the shelf. */
export function store(play: Play, ...lines: (readonly [string, string])[]): void {
  play.ask('/a/1');
  respond(play, ...lines);
}

export function respond(play: Play, ...lines: (readonly [string, string])[]): void {
  const arrival = play.origin.arrivals.at(-1);
  arrival?.head(head(play, ...lines));
  arrival?.write(Buffer.from('old'));
  arrival?.end();
}

/** Puts it there, where the shelf may take its time, and lets five seconds pass. */
async function stored(play: Play, turn: () => Promise<void>, cacheControl: string): Promise<void> {
  play.ask('/a/1');
  await turn();
  respond(play, ['cache-control', cacheControl]);
  await turn();
  await pass(play, 5_000);
}

/** What may happen to a response on its way to the shelf, one thing after another, once a purge might come at any time. */
export const ways: readonly {
  readonly name: string;
  /** `turn` lets a shelf that takes its time have it. */
  readonly before: (play: Play, turn: () => Promise<void>) => Promise<void> | void;
  readonly steps: readonly ((play: Play) => void)[];
}[] = [
  {
    name: 'a fill',
    before: () => undefined,
    steps: [
      (play) => play.ask('/a/1'),
      (play) => play.origin.arrivals.at(-1)?.head(head(play, ['cache-control', 'max-age=60'])),
      (play) => play.origin.arrivals.at(-1)?.write(Buffer.from('ol')),
      (play) => play.ask('/a/1'),
      (play) => play.origin.arrivals[0]?.write(Buffer.from('d')),
      (play) => play.origin.arrivals[0]?.end(),
    ],
  },
  {
    name: 'a validation',
    before: (play, turn) => stored(play, turn, 'max-age=1'),
    steps: [
      (play) => play.ask('/a/1'),
      (play) => {
        play.origin.arrivals.at(-1)?.head({ ...head(play, ['cache-control', 'max-age=60']), status: 304 });
        play.origin.arrivals.at(-1)?.end();
      },
    ],
  },
  {
    name: 'a refresh in the background',
    before: (play, turn) => stored(play, turn, 'max-age=1, stale-while-revalidate=60'),
    steps: [
      (play) => play.ask('/a/1'),
      (play) => play.origin.arrivals.at(-1)?.head(head(play, ['cache-control', 'max-age=60'])),
      (play) => play.origin.arrivals.at(-1)?.write(Buffer.from('new')),
      (play) => play.origin.arrivals.at(-1)?.end(),
    ],
  },
];
