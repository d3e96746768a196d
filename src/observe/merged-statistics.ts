import { rememberedSeconds } from './recent-seconds.ts';
import { ratio, sum } from './sums.ts';
import type { MemoryFigures, OriginRow, SecondRow, ServerRow, StatisticsSnapshot, StoreFigures } from './statistics.ts';

/** What several workers have counted, one at least, as what one has. */
export function mergedSnapshot(all: readonly StatisticsSnapshot[]): StatisticsSnapshot {
  const sumOf = (of: (snapshot: StatisticsSnapshot) => number): number => sum(all.map(of));
  const [hits, collapsed, misses] = [
    sumOf((one) => one.hits),
    sumOf((one) => one.collapsed),
    sumOf((one) => one.misses),
  ];
  const [bytesSent, bytesFromShelf] = [sumOf((one) => one.bytesSent), sumOf((one) => one.bytesFromShelf)];
  return {
    since: Math.min(...all.map(({ since }) => since)),
    uptimeSeconds: Math.max(...all.map(({ uptimeSeconds }) => uptimeSeconds)),
    requests: sumOf((one) => one.requests),
    hits,
    collapsed,
    misses,
    refused: sumOf((one) => one.refused),
    errors: sumOf((one) => one.errors),
    hitRatio: ratio(hits, hits + collapsed + misses),
    byteHitRatio: ratio(bytesFromShelf, bytesSent),
    bytesSent,
    bytesFromShelf,
    byReason: mergedReasons(all),
    series: mergedSeries(all),
    memory: mergedMemory(all.map(({ memory }) => memory)),
    ...mergedStore(all.flatMap(({ store }) => store ?? [])),
    originActive: sumOf((one) => one.originActive),
    originQueued: sumOf((one) => one.originQueued),
    origins: mergedOrigins(all),
  };
}

/** What remains true of a worker that has gone: what it has counted, not how it was. */
export function withoutState(snapshot: StatisticsSnapshot): StatisticsSnapshot {
  const { evictions, variantEvictions, unprovenEvictions } = snapshot.memory;
  const memory = { responses: 0, bytesUsed: 0, bytesLimit: 0, evictions, variantEvictions, unprovenEvictions };
  const { store } = snapshot;
  const counted = store && { ...store, responses: undefined, bytesUsed: undefined, bytesLimit: undefined, isUp: true };
  const state = { memory, uptimeSeconds: 0, originActive: 0, originQueued: 0, origins: [] };
  return { ...snapshot, ...state, ...(counted === undefined ? {} : { store: counted }) };
}

function mergedReasons(all: readonly StatisticsSnapshot[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const [reason, requests] of all.flatMap(({ byReason }) => Object.entries(byReason))) {
    merged[reason] = (merged[reason] ?? 0) + requests;
  }
  return merged;
}

/** Of the last seconds that any of them knows. */
function mergedSeries(all: readonly StatisticsSnapshot[]): SecondRow[] {
  const rows = new Map<number, SecondRow>();
  for (const row of all.flatMap(({ series }) => series)) {
    const known = rows.get(row.at);
    rows.set(row.at, known === undefined ? row : addedSeconds(known, row));
  }
  return [...rows.values()].sort((a, b) => a.at - b.at).slice(-rememberedSeconds);
}

function addedSeconds(one: SecondRow, other: SecondRow): SecondRow {
  return {
    at: one.at,
    requests: one.requests + other.requests,
    lookups: one.lookups + other.lookups,
    hits: one.hits + other.hits,
    bytes: one.bytes + other.bytes,
    errors: one.errors + other.errors,
  };
}

function mergedMemory(all: readonly MemoryFigures[]): MemoryFigures {
  return {
    responses: sum(all.map(({ responses }) => responses)),
    bytesUsed: sum(all.map(({ bytesUsed }) => bytesUsed)),
    bytesLimit: sum(all.map(({ bytesLimit }) => bytesLimit)),
    evictions: sum(all.map(({ evictions }) => evictions)),
    variantEvictions: sum(all.map(({ variantEvictions }) => variantEvictions)),
    unprovenEvictions: sum(all.map(({ unprovenEvictions }) => unprovenEvictions)),
  };
}

/** All have the same shelf beneath their memory; what they have done there is theirs. */
function mergedStore(all: readonly StoreFigures[]): Pick<StatisticsSnapshot, 'store'> {
  const [first] = all;
  if (first === undefined) return {};
  const sumOf = (of: (store: StoreFigures) => number): number => sum(all.map(of));
  const greatest = (of: (store: StoreFigures) => number | undefined): number | undefined => {
    const known = all.flatMap((store) => of(store) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const store = {
    kind: first.kind,
    responses: greatest(({ responses }) => responses),
    bytesUsed: greatest(({ bytesUsed }) => bytesUsed),
    bytesLimit: greatest(({ bytesLimit }) => bytesLimit),
    evictions: sumOf(({ evictions }) => evictions),
    failures: sumOf(({ failures }) => failures),
    damaged: sumOf(({ damaged }) => damaged),
    hits: sumOf(({ hits }) => hits),
    isUp: all.every(({ isUp }) => isUp),
  };
  return { store };
}

/** A server that gets no requests of one of them is told as down. */
function mergedOrigins(all: readonly StatisticsSnapshot[]): OriginRow[] {
  const origins = new Map<string, Map<string, ServerRow>>();
  for (const { name, servers } of all.flatMap((snapshot) => snapshot.origins)) {
    const known = origins.get(name) ?? new Map<string, ServerRow>();
    origins.set(name, known);
    for (const server of servers) if (known.get(server.url)?.up !== false) known.set(server.url, server);
  }
  return [...origins].map(([name, servers]) => ({ name, servers: [...servers.values()] }));
}
