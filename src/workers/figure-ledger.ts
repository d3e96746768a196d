import { countedOnly, mergedMetrics } from '../observe/merged-metrics.ts';
import { mergedSnapshot, withoutState } from '../observe/merged-statistics.ts';
import { mergedTop } from '../observe/merged-top.ts';
import type { TopOrder } from '../observe/statistics.ts';
import { toldTopRows } from './limits.ts';
import type { Figures, Told } from './messages.ts';

const orders: readonly TopOrder[] = ['requests', 'bytes', 'misses'];

/** How a worker went; `silent`: it was killed, as it did not answer. */
export type Leaving = 'asked to' | 'died' | 'silent';

/** What was last heard of what each worker has counted, and what those have who are gone: so that no sum ever falls. Kept by the primary process. */
export class FigureLedger {
  readonly #present = new Map<number, Figures>();
  #departed: Figures | undefined;
  #deaths = 0;
  #silentDeaths = 0;
  readonly #lostLogLines: () => number;

  /** `lostLogLines`: those of the workers that the primary process could not hand on. */
  constructor(lostLogLines: () => number = () => 0) {
    this.#lostLogLines = lostLogLines;
  }

  get lostLogLines(): number {
    return this.#lostLogLines();
  }

  /** One for each worker of which there is anything, and one for all that have gone. */
  get all(): readonly Figures[] {
    return this.#departed === undefined ? [...this.#present.values()] : [...this.#present.values(), this.#departed];
  }

  /** Workers that died. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Of those, the ones that were killed as they did not answer. */
  get silentDeaths(): number {
    return this.#silentDeaths;
  }

  /** What one worker was heard to have counted last. */
  of(worker: number): Figures | undefined {
    return this.#present.get(worker);
  }

  note(worker: number, figures: Figures): void {
    this.#present.set(worker, figures);
  }

  leave(worker: number, how: Leaving): void {
    if (how !== 'asked to') this.#deaths++;
    if (how === 'silent') this.#silentDeaths++;
    const last = this.#present.get(worker);
    if (last === undefined) return;
    this.#present.delete(worker);
    const counted = { ...last, metrics: countedOnly(last.metrics), snapshot: withoutState(last.snapshot) };
    this.#departed = this.#departed === undefined ? counted : mergedFigures([this.#departed, counted]);
  }
}

/** What is told of one worker by itself. */
export function countedBy(figures: Figures | undefined): Told['counted'] {
  if (figures === undefined) return undefined;
  const { requests, uptimeSeconds } = figures.snapshot;
  return { requests, uptimeSeconds };
}

/** What all of them have counted, of one at least. */
export function mergedFigures(all: readonly Figures[]): Figures {
  const top = orders.map(
    (by) =>
      [
        by,
        mergedTop(
          all.map((figures) => figures.top[by]),
          by,
          toldTopRows,
        ),
      ] as const,
  );
  return {
    metrics: mergedMetrics(all.map(({ metrics }) => metrics)),
    snapshot: mergedSnapshot(all.map(({ snapshot }) => snapshot)),
    top: Object.fromEntries(top) as Figures['top'],
  };
}
