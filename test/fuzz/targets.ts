import { codecTargets } from './codec-targets.ts';
import { parserTargets } from './parser-targets.ts';
import { listener } from './listener.ts';
import { plainRequests } from './plain-requests.ts';
import { redisReplies } from './redis-replies.ts';
import { responses } from './responses.ts';
import { shelf } from './shelf.ts';
import type { FuzzTarget } from './target.ts';

/** All of them, in the order in which they take their turns. */
export const targets: readonly FuzzTarget[] = [
  listener,
  responses,
  plainRequests,
  ...parserTargets,
  ...codecTargets,
  redisReplies,
  shelf,
];
