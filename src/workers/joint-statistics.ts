import { expose, type Metric } from '../observe/exposition.ts';
import type { Statistics, StatisticsSnapshot, TailRecord, TopOrder, TopRow } from '../observe/statistics.ts';
import { mergedMetrics } from '../observe/merged-metrics.ts';
import { mergedSnapshot } from '../observe/merged-statistics.ts';
import { mergedTop } from '../observe/merged-top.ts';
import { workerMetrics } from '../observe/worker-metrics.ts';
import type { Fellows } from './fellows.ts';
import { countedBy } from './figure-ledger.ts';
import { figuresMs, toldTopRows } from './limits.ts';
import type { Figures, Gathered } from './messages.ts';
import { WorkerTails } from './worker-tails.ts';

/** What this worker counts itself. */
export interface CountedHere {
  readonly statistics: Statistics;
  /** Every figure. */
  readonly read: () => Promise<readonly Metric[]>;
  /** The same without those that begin anew whenever they are read. */
  readonly counted: () => readonly Metric[];
}

/** What all workers have counted, for whoever asks this one; and what this one has, for whoever asks another. */
export class JointStatistics implements Statistics {
  readonly #fellows: Fellows;
  readonly #here: CountedHere;
  readonly #tails: WorkerTails;
  readonly #timer: NodeJS.Timeout;

  constructor(fellows: Fellows, here: CountedHere) {
    const { channel, link, instance } = fellows;
    this.#fellows = fellows;
    this.#here = here;
    this.#tails = new WorkerTails(channel, instance, (listener) => here.statistics.tail(listener));
    void link.answers('figures', async () => this.#report(await here.read()));
    this.#timer = setInterval(() => void this.#report(here.counted()), figuresMs);
    this.#timer.unref();
  }

  async snapshot(): Promise<StatisticsSnapshot> {
    const { figures, answered, deaths } = await this.#gather();
    const workers = answered.map(({ instance, ms, counted }) => ({ instance, answered: ms !== undefined, ...counted }));
    return { ...mergedSnapshot(figures.map(({ snapshot }) => snapshot)), workers, workerDeaths: deaths };
  }

  async top(by: TopOrder, limit: number): Promise<readonly TopRow[]> {
    const { figures } = await this.#gather();
    const rows = figures.map(({ top }) => top[by]);
    return mergedTop(rows, by, Math.min(limit, toldTopRows));
  }

  tail(listener: (record: TailRecord) => void | Promise<void>): () => void {
    return this.#tails.follow(listener);
  }

  /** The page for Prometheus. */
  async metrics(): Promise<string> {
    const { figures, answered, deaths, silentDeaths, lostLogLines } = await this.#gather();
    const silent = answered.filter(({ ms }) => ms === undefined).length;
    const own = workerMetrics({ answered: answered.length - silent, silent, deaths, silentDeaths, lostLogLines });
    return expose(mergedMetrics([...figures.map(({ metrics }) => metrics), own]));
  }

  /** Tells for the last time what was counted here. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#report(this.#here.counted());
  }

  async #gather(): Promise<Gathered> {
    const { link, instance } = this.#fellows;
    const gathered = await link.gather();
    if (gathered !== undefined && gathered.figures.length > 0) return gathered;
    const here = await this.#figures(await this.#here.read());
    return {
      figures: [here],
      answered: [{ instance, ms: 0, counted: countedBy(here) }],
      deaths: 0,
      silentDeaths: 0,
      lostLogLines: 0,
    };
  }

  async #report(metrics: readonly Metric[]): Promise<void> {
    await this.#fellows.channel.send({ kind: 'figures', figures: await this.#figures(metrics) });
  }

  async #figures(metrics: readonly Metric[]): Promise<Figures> {
    const { statistics } = this.#here;
    const [requests, bytes, misses] = await Promise.all([
      statistics.top('requests', toldTopRows),
      statistics.top('bytes', toldTopRows),
      statistics.top('misses', toldTopRows),
    ]);
    return { metrics, snapshot: await statistics.snapshot(), top: { requests, bytes, misses } };
  }
}
