import { type EpochMs, isCloseDelimited, type RequestHead, type ResponseHead } from '../http/message.ts';
import { receivedFields } from '../origin/forwarding.ts';
import type { Update } from '../policy/freshen.ts';
import { withDate } from '../policy/received.ts';
import type { Clock } from './clock.ts';

/** A head as it is judged: without what was meant for this connection alone, and with the times that its age is reckoned by. */
export function received(
  request: RequestHead,
  head: ResponseHead,
  requestTime: EpochMs,
  clock: Pick<Clock, 'steady' | 'wall'>,
): Update {
  const responseWallTime = clock.wall();
  const times = { requestTime, responseTime: clock.steady(), responseWallTime };
  const response = withDate({ status: head.status, fields: receivedFields(head) }, responseWallTime);
  return { request, response, times, closeDelimited: isCloseDelimited(request, head) };
}
