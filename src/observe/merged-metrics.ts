import type { Metric, Sample } from './exposition.ts';

/** How the values that several workers have for one thing become one. */
type Rule = 'sum' | 'least' | 'greatest';

/** Of gauges that are no sums. What has these beginnings is the same for all, or the worst of them is what there is to know. */
const rulesOfGauges: readonly (readonly [beginning: string, rule: Rule])[] = [
  ['etagere_build_info', 'greatest'],
  ['etagere_certificate_expiry', 'least'],
  ['etagere_limit', 'greatest'],
  ['etagere_origin_server_up', 'least'],
  ['etagere_overload_level', 'greatest'],
  ['etagere_store_up', 'least'],
  ['nodejs_eventloop_lag_', 'greatest'],
  ['process_start_time_seconds', 'least'],
];

/** Metrics of several workers as those of one: counters and histograms are summed, and so are gauges, but for a few. */
export function mergedMetrics(all: readonly (readonly Metric[])[]): readonly Metric[] {
  const byName = new Map<string, { readonly metric: Metric; readonly samples: Map<string, Sample> }>();
  for (const metric of all.flat()) {
    const merged = byName.get(metric.name) ?? { metric, samples: new Map<string, Sample>() };
    byName.set(metric.name, merged);
    for (const sample of metric.samples) {
      const id = idOf(sample);
      const known = merged.samples.get(id);
      const value = known === undefined ? sample.value : combined(ruleOf(metric, sample), known.value, sample.value);
      merged.samples.set(id, { ...sample, value });
    }
  }
  return [...byName.values()].map(({ metric, samples }) => ({ ...metric, samples: [...samples.values()] }));
}

/** What remains true of a worker that has gone: what it has counted, not how it was. */
export function countedOnly(metrics: readonly Metric[]): readonly Metric[] {
  return metrics.filter(({ type }) => type !== 'gauge');
}

function ruleOf({ name, type }: Metric, { labels }: Sample): Rule {
  if (type !== 'gauge') return 'sum';
  // All workers have the same shelf beyond their memory, and each tells of all of it; whether it can be used is a matter of each.
  const tier = labels?.['tier'];
  const rule = rulesOfGauges.find(([beginning]) => name.startsWith(beginning))?.[1];
  return rule ?? (tier !== undefined && tier !== 'memory' ? 'greatest' : 'sum');
}

function combined(rule: Rule, one: number, other: number): number {
  if (rule === 'sum') return one + other;
  return rule === 'least' ? Math.min(one, other) : Math.max(one, other);
}

function idOf({ suffix = '', labels = {} }: Sample): string {
  return JSON.stringify([suffix, Object.entries(labels).filter(([, value]) => value !== undefined && value !== '')]);
}
