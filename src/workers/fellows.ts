import type { Bus } from '../store/disk/bus.ts';
import type { Claims } from '../store/claims.ts';
import type { Channel } from './channel.ts';
import { Link } from './link.ts';
import type { Beginning, ToPrimary, ToWorker } from './messages.ts';
import { WorkerBus } from './worker-bus.ts';
import { WorkerClaims } from './worker-claims.ts';

/** What a worker has of the others, and of the process that has begun it. */
export interface Fellows extends Beginning {
  readonly channel: Channel<ToPrimary, ToWorker>;
  readonly link: Link;
  readonly bus: Bus;
  readonly claims: Claims;
}

/** Those of the worker at the end of that way. */
export function fellowsOf(channel: Channel<ToPrimary, ToWorker>, beginning: Beginning): Fellows {
  const link = new Link(channel);
  return { ...beginning, channel, link, bus: new WorkerBus(link), claims: new WorkerClaims(channel) };
}
