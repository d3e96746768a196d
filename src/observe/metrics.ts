import { type BuildFacts, cacheMetrics } from './cache-metrics.ts';
import { expose, type Metric } from './exposition.ts';
import { ProcessMetrics } from './process-metrics.ts';
import type { Traffic } from './traffic.ts';
import { storeMetrics } from './store-metrics.ts';
import { trafficMetrics } from './traffic-metrics.ts';

/** Every figure that Prometheus is told; docs/metrics.md has them with their meaning. */
export class Metrics {
  readonly #traffic: Traffic;
  readonly #facts: BuildFacts;
  readonly #process = new ProcessMetrics();

  constructor(traffic: Traffic, facts: BuildFacts) {
    this.#traffic = traffic;
    this.#facts = facts;
  }

  /** All of them, in the order of the documentation. */
  async read(): Promise<readonly Metric[]> {
    return [...this.#ofTraffic(), ...(await this.#process.read())];
  }

  /** The same without those that begin anew whenever they are read. */
  counted(): readonly Metric[] {
    return [...this.#ofTraffic(), ...this.#process.counted()];
  }

  /** The text format 0.0.4. */
  async text(): Promise<string> {
    return expose(await this.read());
  }

  /** Samples nothing any more. */
  close(): void {
    this.#process.stop();
  }

  #ofTraffic(): readonly Metric[] {
    const { sources, hits, hitsBeneath } = this.#traffic;
    return [
      ...trafficMetrics(this.#traffic),
      ...cacheMetrics(sources, this.#facts),
      ...storeMetrics(sources.store().lower, hits, hitsBeneath),
    ];
  }
}
