import type { Operations } from '../engine/operations.ts';
import { explain } from '../explain/explain.ts';
import { lintKnown } from '../explain/lint-known.ts';
import type { LiveExplanation } from '../explain/live-explanation.ts';
import type { RequestHead } from '../http/message.ts';
import { believedRequest } from '../origin/forwarding.ts';

/**
 * Why a request is a hit or is not, on a cache that runs: asks neither the origin nor anybody else, and changes nothing.
 *
 * @param presented has passed the gate; what it claims of its client counts as if a trusted proxy had sent it
 */
export async function explainLive(
  operations: Pick<Operations, 'inspect'>,
  presented: RequestHead,
): Promise<LiveExplanation> {
  const request = believedRequest(presented, '', { trusts: () => true });
  const inspected = await operations.inspect(request);
  return { ...explain(inspected, { request }), findings: lintKnown(inspected, request) };
}
