import type { Limits } from '../engine/limits.ts';
import type { UndiciOriginOptions } from '../origin/undici-origin.ts';
import type { PolicyConfig } from '../policy/config.ts';
import type { OriginLimits } from './settings.ts';

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
  };
}

/** How the limits and the policy reach the adapter of one server. */
export function originOptions(
  url: string,
  limits: OriginLimits,
  policy: Pick<PolicyConfig, 'unknownTransferCodings'>,
): UndiciOriginOptions {
  return {
    url,
    connections: limits.connections,
    queue: limits.queue,
    queueTimeoutMs: limits.queueTimeoutMs,
    connectTimeoutMs: limits.connectTimeoutMs,
    headTimeoutMs: limits.headTimeoutMs,
    bodyIdleTimeoutMs: limits.bodyTimeoutMs,
    headBytes: limits.headBytes,
    unknownCodings: policy.unknownTransferCodings,
  };
}
