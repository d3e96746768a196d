import type { TopOrder } from '../observe/statistics.ts';
import type { Endpoint, RecordSource } from './endpoint.ts';
import { maxTopRows } from './limits.ts';
import { provided } from './provided.ts';
import { refTo } from './schema.ts';
import { tailFilter } from './tail-filter.ts';
import { tailWords } from './tail-words.ts';

/** The records that pass the test; `lost` of those that do not is added to the next that does. */
function filtered(source: RecordSource, passes: ReturnType<typeof tailFilter>): RecordSource {
  return (listener) => {
    let lost = 0;
    return source((record) => {
      lost += record.lost ?? 0;
      if (!passes(record)) return undefined;
      const told = lost === 0 ? record : { ...record, lost };
      lost = 0;
      return listener(told);
    });
  };
}

const stats: Endpoint = {
  method: 'GET',
  path: '/v1/stats',
  name: 'getStatistics',
  summary: 'What was counted since the start',
  access: 'guarded',
  answer: { description: 'The figures.', contentType: 'application/json', schema: refTo('Statistics') },
  run: async ({ parts }) => ({ kind: 'json', value: await provided(parts.statistics, 'statistics').snapshot() }),
};

const top: Endpoint = {
  method: 'GET',
  path: '/v1/top',
  name: 'getTop',
  summary: 'The URLs with the most requests, bytes or misses',
  access: 'guarded',
  parameters: [
    {
      name: 'by',
      description: 'What they are ordered by.',
      schema: { type: 'string', enum: ['requests', 'bytes', 'misses'], default: 'requests' },
    },
    {
      name: 'limit',
      description: 'Most rows.',
      schema: { type: 'integer', minimum: 1, maximum: maxTopRows, default: 20 },
    },
  ],
  answer: { description: 'The rows, the greatest first.', contentType: 'application/json', schema: refTo('Top') },
  run: async ({ parts, query }) => {
    const { by, limit } = query as { readonly by: TopOrder; readonly limit: number };
    return { kind: 'json', value: { rows: await provided(parts.statistics, 'statistics').top(by, limit) } };
  },
};

const tail: Endpoint = {
  method: 'GET',
  path: '/v1/tail',
  name: 'tail',
  summary: 'Every request as it ends, until the client leaves or Etagere is shut down',
  description:
    'One JSON object a line. A client that reads too slowly loses records, and is told how many in `lost` of the next one.',
  access: 'guarded',
  parameters: [
    {
      name: 'filter',
      description:
        'Only records for which this holds: detail=set-cookie, hit!=true, url~/api/ (contains), url!~/api/, status>=500, ms>100. More and less are for numbers. Several must hold all.',
      schema: { type: 'array', items: { type: 'string', maxLength: 1_024 }, maxItems: 16 },
    },
  ],
  answer: { description: 'The records.', contentType: 'application/x-ndjson', schema: refTo('TailRecord') },
  run: ({ parts, query }) => {
    const { filter = [] } = query as { readonly filter?: readonly string[] };
    const statistics = provided(parts.statistics, 'the tail');
    const passes = tailFilter(filter, tailWords(parts.routes?.()));
    return { kind: 'lines', source: filtered((listener) => statistics.tail(listener), passes) };
  },
};

const metrics: Endpoint = {
  method: 'GET',
  path: '/metrics',
  name: 'getMetrics',
  summary: 'Metrics for Prometheus',
  access: 'guarded',
  answer: {
    description: 'The text format of Prometheus.',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    schema: { type: 'string' },
  },
  run: async ({ parts }) => ({ kind: 'text', text: await provided(parts.metrics, 'metrics')() }),
};

export const watching: readonly Endpoint[] = [stats, top, tail, metrics];
