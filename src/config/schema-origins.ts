import * as v from 'valibot';
import { defaultLimits } from '../engine/limits.ts';
import { type LimitName, limitFlags } from './limit-flags.ts';
import { camelCase } from './names.ts';
import type { EjectionOptions, HealthCheckOptions, OriginOptions, ServerOptions } from './options.ts';
import { formatQuantity } from './quantities.ts';
import { count, duration, mapping, needed, oneOrMore, said, size, status, text, url } from './schema-leaves.ts';
import type { EntriesOf } from './schema-routes.ts';

/** One URL of an origin, with its weight. */
export const server = mapping({
  url: needed(url, 'As in the list.'),
  weight: said(count, 'Its share of the requests, against the weights of the others.', 1),
} satisfies EntriesOf<ServerOptions>);

const ejection = mapping({
  failures: said(count, 'So many failures, whatever goes well between them, …', 5),
  within: said(duration, '… within that time …', '10s'),
  for: said(duration, '… and it gets no requests for that time.', '30s'),
} satisfies EntriesOf<EjectionOptions>);

const healthCheck = mapping({
  path: needed(text, 'What is asked for, with GET: `/healthz`.'),
  interval: said(duration, 'Time between two requests.', '10s'),
  timeout: said(
    duration,
    'How long the head of an answer may take, which decides. The rest is read away, and broken off after that time.',
    '2s',
  ),
  status: said(oneOrMore(status), 'Good statuses.', '2xx'),
  healthyAfter: said(count, 'Good answers in a row until a server that was ill gets requests again.', 2),
  unhealthyAfter: said(count, 'Bad or missing answers in a row until a server gets none.', 3),
} satisfies EntriesOf<HealthCheckOptions>);

/** One of the limits on top, for this origin. */
function limit<S extends v.GenericSchema>(schema: S, name: LimitName): v.ExactOptionalSchema<S, undefined> {
  const { kind, summary, name: flag } = limitFlags[name];
  return said(
    schema,
    `${sentence(summary)} By default \`limits.${camelCase(flag)}\`.`,
    formatQuantity(kind, defaultLimits[name]),
  );
}

/** All that may be said of an origin. */
export const origin = mapping({
  url: needed(
    oneOrMore(v.union([url, server])),
    '`http://` or `https://`, a host, perhaps a port; several that answer alike take turns.',
  ),
  preserveHost: said(v.boolean(), "Sends the client's Host, not that of the URL. By default that on top.", false),
  ca: said(text, 'As `originCa` on top, which it is by default, for this origin.'),
  cert: said(text, 'As `originCert` on top; it comes with a `key`.'),
  key: said(text, 'As `originKey` on top; it comes with a `cert`.'),
  serverName: said(text, 'As `originServerName` on top.'),
  connections: limit(count, 'originConnections'),
  queue: limit(count, 'originQueue'),
  queueTimeout: limit(duration, 'originQueueTimeoutMs'),
  connectTimeout: limit(duration, 'originConnectTimeoutMs'),
  headTimeout: limit(duration, 'originHeadTimeoutMs'),
  bodyTimeout: limit(duration, 'originBodyIdleTimeoutMs'),
  headSize: limit(size, 'originHeadBytes'),
  interimResponses: limit(count, 'originInterimResponses'),
  ejection: said(
    v.union([v.literal(false), ejection]),
    'Passive health: a server whose requests fail (no answer, one that breaks off, or 502, 503, 504) gets none for a while. On where there are several URLs; `false` turns it off.',
  ),
  healthCheck: said(
    healthCheck,
    'Active health: every server is asked, over a connection of its own, and one that does not answer well gets no requests.',
  ),
} satisfies EntriesOf<OriginOptions>);

/** `connections to the origin` as a sentence. */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
