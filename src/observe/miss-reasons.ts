/** Requests that were decided alike: the reason as `StatisticsSnapshot.byReason` names it. */
export type CountedReason = readonly [reason: string, requests: number];

/** The reasons of misses alone, the most frequent first: not those of hits, nor of what another's response answered, nor of what was never looked up. */
export function missReasons(byReason: Readonly<Record<string, number>>): CountedReason[] {
  return Object.entries(byReason)
    .filter(([reason]) => isMiss(reason))
    .sort(([, a], [, b]) => b - a);
}

/** A miss was forwarded (RFC 9211 §2.2), for itself. */
function isMiss(reason: string): boolean {
  return reason.startsWith('fwd=') && !reason.split('; ').includes('collapsed');
}
