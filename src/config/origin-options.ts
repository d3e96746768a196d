import type { Limits } from '../engine/limits.ts';
import type { UndiciOriginOptions } from '../origin/undici-origin.ts';
import type { PolicyConfig } from '../policy/config.ts';

/** How the limits and the policy reach the origin's adapter. */
export function originOptions(url: string, limits: Limits, policy: PolicyConfig): UndiciOriginOptions {
  return {
    url,
    connections: limits.originConnections,
    queue: limits.originQueue,
    queueTimeoutMs: limits.originQueueTimeoutMs,
    connectTimeoutMs: limits.originConnectTimeoutMs,
    headTimeoutMs: limits.originHeadTimeoutMs,
    bodyIdleTimeoutMs: limits.originBodyIdleTimeoutMs,
    headBytes: limits.originHeadBytes,
    unknownCodings: policy.unknownTransferCodings,
  };
}
