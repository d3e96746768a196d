import type { RequestHead } from '../http/message.ts';
import { latestOf, type OriginAnswer } from './answer.ts';
import type { Inspected } from './explain.ts';
import type { Finding } from './finding.ts';
import { lint } from './lint.ts';
import { nearestTo, storingOf } from './trial.ts';

/**
 * What a linter says of the response that a cache knows for a request: the last that was not stored, where it is the latest, else the stored one that is nearest
 * to an answer. At most one finding of each rule, and none of what is not kept: content, and Set-Cookie of what is stored.
 */
export function lintKnown(inspected: Inspected, request: RequestHead): Finding[] {
  const { key, candidates, config, lastNotStored } = inspected;
  const latest = latestOf(lastNotStored, candidates);
  if (latest !== undefined) return lint({ request, answer: seenOf(latest), again: undefined, config });
  const stored = nearestTo(request, candidates);
  if (stored === undefined) return [];
  const { request: original, times } = storingOf(stored, key);
  const { status, fields, closeDelimited } = stored;
  const answer = seenOf({ response: { status, fields }, times, closeDelimited });
  return lint({ request: original, answer, again: undefined, config });
}

function seenOf(answer: OriginAnswer): Parameters<typeof lint>[0]['answer'] {
  return { ...answer, contentBytes: undefined, digest: undefined };
}
