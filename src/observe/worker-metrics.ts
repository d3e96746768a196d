import { logMetric } from './cache-metrics.ts';
import type { Metric } from './exposition.ts';

/** The processes of one Etagere. */
export interface WorkerFigures {
  /** Those that have told what they have counted in time. */
  readonly answered: number;
  /** Those that have not: of them there is what they told before. */
  readonly silent: number;
  /** Those that ended though nobody had asked them to, since the start. */
  readonly deaths: number;
  /** Of those, the ones that were killed as they did not answer. */
  readonly silentDeaths: number;
  /** Lines of the access log that were lost on their way from all of them to stdout. */
  readonly lostLogLines: number;
}

/** What there is to say of the workers themselves, where there are several. */
export function workerMetrics({
  answered,
  silent,
  deaths,
  silentDeaths,
  lostLogLines,
}: WorkerFigures): readonly Metric[] {
  return [
    {
      name: 'etagere_workers',
      type: 'gauge',
      help: 'Workers that run (--workers), by whether they told their figures in time for this page; of silent ones there are the last they told.',
      samples: [
        { labels: { state: 'answered' }, value: answered },
        { labels: { state: 'silent' }, value: silent },
      ],
    },
    {
      name: 'etagere_worker_deaths_total',
      type: 'counter',
      help: 'Workers that ended though nobody had asked them to; another took the place of each.',
      samples: [{ value: deaths }],
    },
    {
      name: 'etagere_silent_worker_deaths_total',
      type: 'counter',
      help: 'Of the workers that ended unasked, those that were killed as they had not answered for 10 seconds.',
      samples: [{ value: silentDeaths }],
    },
    logMetric(lostLogLines),
  ];
}
