import type { Selection } from '../engine/operations.ts';

/** What was most likely meant by a purge that matched nothing; undefined where nothing looks odd. */
export function purgeHint(selection: Selection, matched: number): string | undefined {
  if (matched > 0) return undefined;
  if (selection.kind === 'url' && selection.url.includes('*'))
    return 'a * in a URL stands for itself: what begins alike is purged by prefix';
  if (selection.kind === 'prefix' && selection.prefix.includes('*'))
    return 'a * in a prefix stands for itself: leave it out, as everything that begins so is meant anyway';
  if (selection.kind === 'host' && !/:\d+$/.test(selection.host))
    return `a host is compared with its port, like ${selection.host}:8080; without one it is the default port`;
  return undefined;
}
