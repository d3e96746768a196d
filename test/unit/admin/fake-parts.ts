import type { AdminParts, ReloadOutcome, Readiness } from '../../../src/admin/parts.ts';
import { defaultLimits } from '../../../src/engine/limits.ts';
import type {
  EntriesPage,
  EntriesQuery,
  Entry,
  Operations,
  PurgeMode,
  PurgeReceipt,
  Selection,
} from '../../../src/engine/operations.ts';
import { explainLive } from '../../../src/probe/live.ts';
import type { OrderRecord } from '../../../src/engine/orders.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import type { Statistics, StatisticsSnapshot, TailRecord, TopOrder, TopRow } from '../../../src/observe/statistics.ts';
import { presets } from '../../../src/policy/config.ts';
import { ManualClock } from '../../../src/play/manual-clock.ts';

export const anEntry: Entry = {
  id: 'e1',
  url: 'http://example.com/a',
  method: 'GET',
  status: 200,
  variant: { 'accept-language': 'fr' },
  contentBytes: 12,
  age: 3,
  ttl: -1,
  state: 'stale',
  validator: '"v1"',
  tags: ['news'],
  fields: [['etag', '"v1"']],
};

export const aSnapshot: StatisticsSnapshot = {
  since: 1_000,
  uptimeSeconds: 1.5,
  requests: 4,
  hits: 2,
  collapsed: 0,
  misses: 2,
  refused: 0,
  errors: 0,
  hitRatio: 0.5,
  byteHitRatio: 0.25,
  bytesSent: 400,
  bytesFromShelf: 100,
  byReason: { hit: 2, 'fwd=uri-miss; stored': 2 },
  series: [{ at: 1_000, requests: 4, lookups: 4, hits: 2, bytes: 400, errors: 0 }],
  memory: {
    responses: 2,
    bytesUsed: 1_024,
    bytesLimit: 65_536,
    evictions: 0,
    variantEvictions: 0,
    unprovenEvictions: 0,
  },
  store: {
    kind: 'disk',
    isUp: true,
    hits: 1,
    responses: 2,
    bytesUsed: 4_096,
    bytesLimit: 65_536,
    evictions: 0,
    failures: 0,
    damaged: 0,
  },
  originActive: 0,
  originQueued: 0,
  origins: [{ name: 'default', servers: [{ url: 'http://10.0.0.6:4000', up: true }, { url: 'http://10.0.0.7:4000' }] }],
  workers: [
    { instance: 'etagere-1f2e3d-1', answered: true, requests: 3, uptimeSeconds: 60 },
    { instance: 'etagere-1f2e3d-2', answered: false, requests: 1, uptimeSeconds: 1 },
    { instance: 'etagere-1f2e3d-3', answered: false },
  ],
  workerDeaths: 1,
};

export const aTopRow: TopRow = {
  url: 'http://example.com/a',
  requests: 3,
  hits: 2,
  misses: 1,
  bytes: 300,
  lastDetail: '',
};

export const aTailRecord: TailRecord = {
  time: '2026-01-01T00:00:00.000Z',
  method: 'GET',
  url: '/a',
  host: 'example.com',
  status: 200,
  cache: 'etagere; fwd=uri-miss; detail=set-cookie',
  hit: false,
  fwd: 'uri-miss',
  detail: 'set-cookie',
  bytes: 12,
  ms: 0.4,
  client: '127.0.0.1',
  end: 'complete',
};

const receipt: PurgeReceipt = {
  matched: 2,
  stale: 2,
  removed: 0,
  fillsDoomed: 1,
  acknowledged: [{ instance: 'etagere-1f2e3d', inForceMs: 0.1, ms: 0.2 }],
};

/** A cache that remembers what was asked of it and answers always the same. */
export class FakeOperations implements Operations {
  readonly purges: { readonly selection: Selection; readonly mode: PurgeMode }[] = [];
  readonly previews: Selection[] = [];
  readonly queries: EntriesQuery[] = [];
  /** Of each purge. */
  matched = receipt.matched;
  page: EntriesPage = { entries: [anEntry], cursor: '7' };

  async purge(selection: Selection, mode: PurgeMode): Promise<PurgeReceipt> {
    this.purges.push({ selection, mode });
    return { ...receipt, matched: this.matched };
  }

  async preview(selection: Selection): Promise<{ matched: number; sample: string[] }> {
    this.previews.push(selection);
    return { matched: 1, sample: [anEntry.url] };
  }

  async entries(query: EntriesQuery): Promise<EntriesPage> {
    this.queries.push(query);
    return this.page;
  }

  inspect(): Promise<never> {
    return Promise.reject(new Error('nobody asks the admin API for that'));
  }
}

/** Statistics of nothing, with a hand on the tail. */
export class FakeStatistics implements Statistics {
  readonly tops: { readonly by: TopOrder; readonly limit: number }[] = [];
  readonly listeners = new Set<(record: TailRecord) => void | Promise<void>>();

  snapshot(): StatisticsSnapshot {
    return aSnapshot;
  }

  top(by: TopOrder, limit: number): readonly TopRow[] {
    this.tops.push({ by, limit });
    return [aTopRow, { ...aTopRow, atMost: 9 }];
  }

  tail(listener: (record: TailRecord) => void | Promise<void>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Has everyone who listens get it. Resolves when they want more. */
  async tell(record: TailRecord): Promise<void> {
    for (const listener of this.listeners) await listener(record);
  }
}

/** Every ability, all of them fakes. */
export class FakeParts implements AdminParts {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  readonly limits = defaultLimits;
  readonly operations = new FakeOperations();
  readonly statistics = new FakeStatistics();
  readonly explained: RequestHead[] = [];
  readonly told: OrderRecord[] = [];
  draining = false;
  origins = [
    { name: 'a', down: false },
    { name: 'b', down: true },
  ];
  outcome: ReloadOutcome = { kind: 'reloaded', changed: ['routes'], warnings: ['ttl.force counts against private'] };

  storeUp: boolean | undefined;

  readonly readiness = (): Readiness => ({
    draining: this.draining,
    origins: this.origins,
    storeUp: this.storeUp,
  });

  readonly metrics = async (): Promise<string> => 'etagere_up 1\n';

  readonly explain = async (request: RequestHead): Promise<object> => {
    this.explained.push(request);
    const { scheme, authority, target } = request;
    const found = { candidates: [], now: 0, fillInProgress: false, config: presets.safe, route: 'default' };
    return explainLive({ inspect: async () => ({ key: { scheme, authority, target }, ...found }) }, request);
  };

  readonly routes = (): readonly string[] => ['shop'];

  readonly config = (): object => ({ listen: ['127.0.0.1:8080'] });

  readonly orders = { orderEnded: (record: OrderRecord): void => void this.told.push(record) };

  readonly reload = async (): Promise<ReloadOutcome> => this.outcome;
}
