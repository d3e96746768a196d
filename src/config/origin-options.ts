import type { Limits } from '../engine/limits.ts';
import type { UndiciOriginOptions } from '../origin/undici-origin.ts';
import type { PolicyConfig } from '../policy/config.ts';
import { usualOriginTls } from './origin-tls-options.ts';
import type { OriginLimits, OriginTlsSettings } from './settings.ts';

/** What an origin may cost that says nothing about it. */
export function originLimits(limits: Limits): OriginLimits {
  return {
    connections: limits.originConnections,
    queue: limits.originQueue,
    queueTimeoutMs: limits.originQueueTimeoutMs,
    connectTimeoutMs: limits.originConnectTimeoutMs,
    headTimeoutMs: limits.originHeadTimeoutMs,
    bodyTimeoutMs: limits.originBodyIdleTimeoutMs,
    headBytes: limits.originHeadBytes,
    interimResponses: limits.originInterimResponses,
  };
}

/** How the limits, the policy and what is said of TLS reach the adapter of one server. */
export function originOptions(
  url: string,
  limits: OriginLimits,
  policy: Pick<PolicyConfig, 'unknownTransferCodings'>,
  tls: OriginTlsSettings = usualOriginTls,
): UndiciOriginOptions {
  const { ca, certificate, serverName } = tls;
  return {
    url,
    connections: limits.connections,
    queue: limits.queue,
    queueTimeoutMs: limits.queueTimeoutMs,
    connectTimeoutMs: limits.connectTimeoutMs,
    headTimeoutMs: limits.headTimeoutMs,
    bodyIdleTimeoutMs: limits.bodyTimeoutMs,
    headBytes: limits.headBytes,
    interimResponses: limits.interimResponses,
    unknownCodings: policy.unknownTransferCodings,
    ...(ca === undefined ? {} : { ca: ca.pem }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}
