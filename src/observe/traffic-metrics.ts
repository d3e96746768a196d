import type { Metric, Sample } from './exposition.ts';
import { type LatencyHistogram, latencyBoundsMs } from './histogram.ts';
import type { Outcome, Reason } from './outcome.ts';
import { type RouteCounters, statusClasses } from './route-counters.ts';
import type { Traffic } from './traffic.ts';

/** What was counted, by route; and of requests that never got one. */
export function trafficMetrics({ routes, refusals }: Traffic): readonly Metric[] {
  const each: EachRoute = (samplesOf) => [...routes].flatMap(([name, route]) => samplesOf(route, name));
  return [...requestMetrics(each), refusalMetric(refusals), ...originMetrics(each)];
}

type EachRoute = (samplesOf: (route: RouteCounters, name: string) => readonly Sample[]) => readonly Sample[];

function requestMetrics(each: EachRoute): readonly Metric[] {
  return [
    {
      name: 'etagere_requests_total',
      type: 'counter',
      help: 'Requests by what became of them (outcome), why they were forwarded (fwd) and the reason (detail), in the words of Cache-Status.',
      samples: each((counters, route) =>
        counters.reasons().map((reason) => ({ labels: { route, ...wordsOf(reason) }, value: reason.requests })),
      ),
    },
    {
      name: 'etagere_sent_content_bytes_total',
      type: 'counter',
      help: 'Bytes of content sent to clients, without heads, by outcome: hit, validated and stale came from the shelf.',
      samples: each((counters, route) =>
        [...bytesByOutcome(counters)].map(([outcome, value]) => ({ labels: { route, outcome }, value })),
      ),
    },
    {
      name: 'etagere_responses_total',
      type: 'counter',
      help: 'Responses by class of the status that was sent: 2xx, …, or none where the client left before.',
      samples: each((counters, route) => statusSamples(counters.statuses, route)),
    },
    {
      name: 'etagere_request_duration_seconds',
      type: 'histogram',
      help: 'Seconds from a request, its head read, to the end of its response.',
      samples: each((counters, route) => histogramSamples(counters.durations, route)),
    },
    {
      name: 'etagere_elsewhere_waits_total',
      type: 'counter',
      help: 'Requests that waited for another instance, which shares the shelf and asked the origin for the same.',
      samples: each(({ elsewhereWaits: value }, route) => [{ labels: { route }, value }]),
    },
    {
      name: 'etagere_interrupted_reads_total',
      type: 'counter',
      help: 'Answers whose content the shelf beneath memory could not give to its end, by what became of the rest: from-origin, or else broken off.',
      samples: each(({ rests }, route) =>
        Object.entries(rests).map(([rest, value]) => ({ labels: { route, rest }, value })),
      ),
    },
    {
      name: 'etagere_errors_total',
      type: 'counter',
      help: 'Requests that met an error, by its code (docs/errors.md), also where a stale response, or the rest from the origin, hid it.',
      samples: each(({ errors }, route) => [...errors].map(([code, value]) => ({ labels: { route, code }, value }))),
    },
  ];
}

function refusalMetric(refusals: Traffic['refusals']): Metric {
  return {
    name: 'etagere_refused_requests_total',
    type: 'counter',
    help: 'Requests that the listener refused before they became any, by code (docs/errors.md).',
    samples: [...refusals].map(([code, value]) => ({ labels: { code }, value })),
  };
}

function originMetrics(each: EachRoute): readonly Metric[] {
  return [
    {
      name: 'etagere_origin_responses_total',
      type: 'counter',
      help: 'Answers of the origin by class of their status, or none where no head came.',
      samples: each((counters, route) => statusSamples(counters.originStatuses, route)),
    },
    {
      name: 'etagere_origin_head_duration_seconds',
      type: 'histogram',
      help: 'Seconds from a request to the origin, the wait for a connection included, to the head of its response or to its failure.',
      samples: each((counters, route) => histogramSamples(counters.originHeads, route)),
    },
    {
      name: 'etagere_background_validation_failures_total',
      type: 'counter',
      help: 'Validations in the background that failed, while a stale response was served.',
      samples: each(({ validationFailures: value }, route) => [{ labels: { route }, value }]),
    },
  ];
}

function wordsOf({ outcome, fwd, detail }: Reason): Record<string, string | undefined> {
  return { outcome, fwd, detail };
}

function bytesByOutcome(counters: RouteCounters): Map<Outcome, number> {
  const bytes = new Map<Outcome, number>();
  for (const reason of counters.reasons()) bytes.set(reason.outcome, (bytes.get(reason.outcome) ?? 0) + reason.bytes);
  return bytes;
}

/** All classes that a status is of; `other` only where there was one. */
function statusSamples(counts: Float64Array, route: string): readonly Sample[] {
  return statusClasses
    .map((status, index) => ({ labels: { route, status }, value: counts[index] ?? 0 }))
    .filter(({ labels, value }) => labels.status !== 'other' || value > 0);
}

function histogramSamples(histogram: LatencyHistogram, route: string): readonly Sample[] {
  const counts = histogram.cumulative();
  const bounds = [...latencyBoundsMs.map((ms) => String(ms / 1000)), '+Inf'];
  return [
    ...bounds.map((le, index) => ({ suffix: '_bucket', labels: { route, le }, value: counts[index] ?? 0 })),
    { suffix: '_sum', labels: { route }, value: histogram.sumMs / 1000 },
    { suffix: '_count', labels: { route }, value: counts.at(-1) ?? 0 },
  ];
}
