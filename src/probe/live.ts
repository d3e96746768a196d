import type { Operations } from '../engine/operations.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/explanation.ts';
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
): Promise<Explanation> {
  const request = believedRequest(presented, '', { trusts: () => true });
  return explain(await operations.inspect(request), { request });
}
