import type { LowerStats } from '../store/lower-stats.ts';
import type { Metric, Sample } from './exposition.ts';

/** What the shelf beneath memory says of itself, under its tier; and which of the tiers hits came from. Nothing where there is only memory. */
export function storeMetrics(lower: LowerStats | undefined, hits: number, hitsBeneath: number): readonly Metric[] {
  if (lower === undefined) return [];
  const of = (value: number | undefined): readonly Sample[] =>
    value === undefined ? [] : [{ labels: { tier: lower.kind }, value }];
  return [
    {
      name: 'etagere_store_hits_total',
      type: 'counter',
      help: 'Hits by the tier in which the response was found.',
      samples: [{ labels: { tier: 'memory' }, value: hits - hitsBeneath }, ...of(hitsBeneath)],
    },
    {
      name: 'etagere_store_up',
      type: 'gauge',
      help: 'Whether the shelf beneath memory is used (1), or left alone for a while as it failed (0).',
      samples: of(Number(lower.isUp)),
    },
    {
      name: 'etagere_store_responses',
      type: 'gauge',
      help: 'Responses on the shelf beneath memory, where that is counted.',
      samples: of(lower.responses),
    },
    {
      name: 'etagere_store_used_bytes',
      type: 'gauge',
      help: 'Bytes that the shelf beneath memory takes, where that is counted.',
      samples: of(lower.bytesUsed),
    },
    {
      name: 'etagere_store_limit_bytes',
      type: 'gauge',
      help: 'Bytes that it may take (--disk), where it is limited here.',
      samples: of(lower.bytesLimit),
    },
    {
      name: 'etagere_store_evictions_total',
      type: 'counter',
      help: 'Responses dropped from the shelf beneath memory to make room.',
      samples: of(lower.evictions),
    },
    {
      name: 'etagere_store_failures_total',
      type: 'counter',
      help: 'Calls of the shelf beneath memory that failed: each was a miss, or a response that was not kept there.',
      samples: of(lower.failures),
    },
    {
      name: 'etagere_store_damaged_total',
      type: 'counter',
      help: 'Records on the shelf beneath memory that were not what had been written: each was a miss, and taken away.',
      samples: of(lower.damaged),
    },
  ];
}
