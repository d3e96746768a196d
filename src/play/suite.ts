import type { Fixture } from './fixture.ts';
import { durationMs, needsOriginAlone } from './applicable.ts';
import { type PlayResult, playFixture } from './run.ts';
import type { TransportSource } from './transport.ts';

/** A fixture and how it ended. */
export interface Played {
  readonly fixture: Fixture;
  readonly result: PlayResult | { readonly outcome: 'inapplicable'; readonly reason: string };
}

export interface SuiteOptions {
  readonly source: TransportSource;
  /** Where a fixture that did not pass is played a second time, which counts: for a world that may have been too slow for the first. */
  readonly secondSource?: TransportSource;
  /** Most fixtures that are played at once; those that wait for time to pass wait together. */
  readonly sideBySide: number;
  /** Why a fixture is not to be played; undefined where it is. */
  readonly inapplicable: (fixture: Fixture) => string | undefined;
  /** Called after each fixture with how many of those to be played are done. */
  readonly onPlayed?: (done: number, of: number) => void;
}

/** Plays fixtures, the longest first, and those that need the origin for themselves at the end. The results are in the order given. */
export async function playSuite(fixtures: readonly Fixture[], options: SuiteOptions): Promise<Played[]> {
  const results = new Map<Fixture, Played['result']>();
  const waiting: Fixture[] = [];
  for (const fixture of fixtures) {
    const reason = options.inapplicable(fixture);
    if (reason === undefined) waiting.push(fixture);
    else results.set(fixture, { outcome: 'inapplicable', reason });
  }
  waiting.sort((one, other) => durationMs(other) - durationMs(one));
  let done = 0;
  const play = async (fixture: Fixture): Promise<void> => {
    const first = await playFixture(fixture, options.source);
    const again = first.outcome === 'failed' || first.outcome === 'not reached' ? options.secondSource : undefined;
    results.set(fixture, again === undefined ? first : await playFixture(fixture, again));
    done += 1;
    options.onPlayed?.(done, waiting.length);
  };
  const together = waiting.filter((fixture) => !needsOriginAlone(fixture));
  await inParallel(together, options.sideBySide, play);
  await inParallel(waiting.filter(needsOriginAlone), 1, play);
  return fixtures.flatMap((fixture) => {
    const result = results.get(fixture);
    return result === undefined ? [] : [{ fixture, result }];
  });
}

async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
