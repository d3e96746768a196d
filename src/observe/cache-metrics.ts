import type { Limits } from '../engine/limits.ts';
import type { Shedding } from '../engine/load-watch.ts';
import type { Metric, Sample } from './exposition.ts';
import type { ServerFigures, TrafficSources } from './traffic.ts';

/** What can't change while the process runs. */
export interface BuildFacts {
  /** Of this package. */
  readonly version: string;
  readonly nodeVersion: string;
  readonly limits: Limits;
}

/** What the shelf, the origins and the listener say of themselves, beside the limits for it. */
export function cacheMetrics(sources: TrafficSources, facts: BuildFacts): readonly Metric[] {
  return [
    ...shelfMetrics(sources.store()),
    ...originMetrics(sources.origins()),
    connectionMetric(sources.clientConnections()),
    overloadMetric(sources.shedding()),
    certificateMetric(sources.certificates()),
    logMetric(sources.lostLogLines()),
    ...buildMetrics(facts),
  ];
}

function shelfMetrics(shelf: ReturnType<TrafficSources['store']>): readonly Metric[] {
  return [
    {
      name: 'etagere_shelf_responses',
      type: 'gauge',
      help: 'Responses on the shelf.',
      samples: [{ value: shelf.responses }],
    },
    {
      name: 'etagere_shelf_used_bytes',
      type: 'gauge',
      help: 'Bytes of the memory limit in use: content, heads, keys, and what exchanges in progress hold.',
      samples: [{ value: shelf.bytesUsed }],
    },
    {
      name: 'etagere_shelf_limit_bytes',
      type: 'gauge',
      help: 'The memory limit in bytes (--memory).',
      samples: [{ value: shelf.bytesLimit }],
    },
    {
      name: 'etagere_shelf_evictions_total',
      type: 'counter',
      help: 'Responses dropped for others, by cause: the room was needed, the URI had as many variants as it may, or it was new and not asked for again.',
      samples: [
        { labels: { cause: 'room' }, value: shelf.evictions - shelf.variantEvictions - shelf.unprovenEvictions },
        { labels: { cause: 'variants' }, value: shelf.variantEvictions },
        { labels: { cause: 'unproven' }, value: shelf.unprovenEvictions },
      ],
    },
  ];
}

function originMetrics(origins: ReturnType<TrafficSources['origins']>): readonly Metric[] {
  return [
    {
      name: 'etagere_origin_active_requests',
      type: 'gauge',
      help: 'Requests at the origin now: fills in flight.',
      samples: origins.map(({ name: origin, active: value }) => ({ labels: { origin }, value })),
    },
    {
      name: 'etagere_origin_queued_requests',
      type: 'gauge',
      help: 'Requests that wait for a connection to the origin now.',
      samples: origins.map(({ name: origin, queued: value }) => ({ labels: { origin }, value })),
    },
    {
      name: 'etagere_origin_server_up',
      type: 'gauge',
      help: 'Whether a server is up (1) or down (0) by its health checks and by how requests to it went.',
      samples: serverSamples(origins, ({ isUp }) => (isUp === undefined ? undefined : Number(isUp))),
    },
    {
      name: 'etagere_origin_server_downs_total',
      type: 'counter',
      help: 'How often that went from 1 to 0.',
      samples: serverSamples(origins, ({ downs }) => downs),
    },
  ];
}

/** One for each server of which that is known. */
function serverSamples(
  origins: ReturnType<TrafficSources['origins']>,
  valueOf: (server: ServerFigures) => number | undefined,
): readonly Sample[] {
  return origins.flatMap(({ name: origin, servers }) =>
    servers.flatMap((server) => {
      const value = valueOf(server);
      return value === undefined ? [] : [{ labels: { origin, server: server.url }, value }];
    }),
  );
}

function connectionMetric(value: number): Metric {
  return {
    name: 'etagere_client_connections',
    type: 'gauge',
    help: 'Connections of clients that are open, idle ones among them.',
    samples: [{ value }],
  };
}

const overloadLevels: Readonly<Record<Shedding, number>> = { nothing: 0, misses: 1, connections: 2 };

function overloadMetric(shedding: Shedding): Metric {
  return {
    name: 'etagere_overload_level',
    type: 'gauge',
    help: 'What is turned away as the event loop is late: 0 nothing, 1 requests that need an origin, 2 new connections wait, too.',
    samples: [{ value: overloadLevels[shedding] }],
  };
}

function certificateMetric(certificates: ReturnType<TrafficSources['certificates']>): Metric {
  return {
    name: 'etagere_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    help: 'When a certificate that is shown to clients or origins expires, in seconds since the epoch.',
    samples: certificates.map(({ certFile: file, expiresAt }) => ({ labels: { file }, value: expiresAt / 1_000 })),
  };
}

export function logMetric(value: number): Metric {
  return {
    name: 'etagere_log_lost_lines_total',
    type: 'counter',
    help: 'Lines of the access log that were lost, as its reader was too slow or its disk full.',
    samples: [{ value }],
  };
}

function buildMetrics({ version, nodeVersion: node, limits }: BuildFacts): readonly Metric[] {
  return [
    {
      name: 'etagere_build_info',
      type: 'gauge',
      help: 'Always 1; its labels are the versions of Etagere and Node.',
      samples: [{ labels: { version, node }, value: 1 }],
    },
    {
      name: 'etagere_limit',
      type: 'gauge',
      help: 'Limits by their name in a program (limits.…, docs/configuration.md), in the unit that the name says.',
      samples: Object.entries(limits).map(([name, value]) => ({ labels: { name }, value: Number(value) })),
    },
  ];
}
