import type { TopOrder, TopRow } from './statistics.ts';

/** The first rows by that order, of what several have counted of the same URLs. What one of them has no row for counts as nothing there. */
export function mergedTop(all: readonly (readonly TopRow[])[], by: TopOrder, limit: number): readonly TopRow[] {
  const rows = new Map<string, TopRow>();
  for (const row of all.flat()) {
    const known = rows.get(row.url);
    rows.set(row.url, known === undefined ? row : added(known, row, by));
  }
  return [...rows.values()].sort((a, b) => b[by] - a[by]).slice(0, limit);
}

function added(one: TopRow, other: TopRow, by: TopOrder): TopRow {
  const { url, atMost: _, ...counts } = one;
  const isExact = one.atMost === undefined && other.atMost === undefined;
  return {
    url,
    requests: counts.requests + other.requests,
    hits: counts.hits + other.hits,
    misses: counts.misses + other.misses,
    bytes: counts.bytes + other.bytes,
    lastDetail: counts.lastDetail || other.lastDetail,
    ...(isExact ? {} : { atMost: (one.atMost ?? one[by]) + (other.atMost ?? other[by]) }),
  };
}
