import type { Selection } from '../engine/operations.ts';
import type { LowerKind } from '../store/lower-stats.ts';

/**
 * What was most likely meant by a purge that matched nothing, or why it only seems so; undefined where nothing looks odd.
 * @param uncounted the shelf of which it may have been about something that was not counted
 */
export function purgeHint(selection: Selection, matched: number, uncounted?: LowerKind): string | undefined {
  if (matched > 0) return undefined;
  if (selection.kind === 'url' && selection.url.includes('*'))
    return 'a * in a URL stands for itself: what begins alike is purged by prefix';
  if (selection.kind === 'prefix' && selection.prefix.includes('*'))
    return 'a * in a prefix stands for itself: leave it out, as everything that begins so is meant anyway';
  if (selection.kind === 'host' && !/:\d+$/.test(selection.host))
    return `a host is compared with its port, like ${selection.host}:8080; without one it is the default port`;
  const isCounted = selection.kind === 'url' || selection.kind === 'entry';
  if (uncounted === 'redis' && !isCounted)
    return 'what lies in Redis is purged as well, and not counted: a preview, before the purge, counts it';
  return undefined;
}
