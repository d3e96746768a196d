import type { ReloadOutcome } from './admin/parts.ts';
import { ownVersion } from './config/own-version.ts';
import { UsageError } from './config/usage-error.ts';
import { systemClock } from './engine/clock.ts';
import type { Engine } from './engine/handle.ts';
import type { Limits } from './engine/limits.ts';
import type { InForce } from './in-force.ts';
import { createNodeHttpListener, type ListenAddress } from './listener/node-http.ts';
import type { AccessLog } from './observe/access-log.ts';
import type { Traffic } from './observe/traffic.ts';
import type { Fellows } from './workers/fellows.ts';

/** What the admin API is of. */
export interface AdminContext {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly traffic: Traffic | undefined;
  readonly log: AccessLog;
  readonly isClosed: () => boolean;
  readonly reload: () => ReloadOutcome;
  /** Is told what a person should know of. */
  readonly warn: (trouble: unknown) => void;
  readonly limits: Limits;
  readonly fellows: Fellows | undefined;
  readonly cacheName: string;
}

/** The admin API: its code is not loaded before it is to listen. */
export class Admin {
  readonly #context: AdminContext;
  #end: (() => Promise<void>) | undefined;
  #retire: (() => Promise<void>) | undefined;

  constructor(context: AdminContext) {
    this.#context = context;
  }

  async listen(): Promise<ListenAddress> {
    const { inForce, traffic, log, isClosed, reload, warn, limits, fellows, cacheName } = this.#context;
    const { admin: asked } = inForce.settings;
    if (asked === undefined || traffic === undefined) {
      throw new UsageError('listenAdmin: no address was given', "write createEtagere({ admin: '127.0.0.1:8081', … })");
    }
    const [{ createAdmin }, { Metrics }, { explainLive }, { shownSettings }, joining] = await Promise.all([
      import('./admin/admin.ts'),
      import('./observe/metrics.ts'),
      import('./probe/live.ts'),
      import('./config/shown.ts'),
      fellows && Promise.all([import('./workers/joint-statistics.ts'), import('./workers/joint-operations.ts')]),
    ]);
    if (isClosed()) throw new UsageError('listenAdmin: this cache has been closed', 'make a new one');
    const { operations: own } = this.#context.engine;
    const metrics = new Metrics(traffic, { version: ownVersion(), nodeVersion: process.version, limits });
    const here = { statistics: traffic, read: () => metrics.read(), counted: () => metrics.counted() };
    const [statistics, desk] = joining ?? [];
    const joint = fellows && statistics && new statistics.JointStatistics(fellows, here);
    const operations = fellows && desk ? desk.jointOperations(own, fellows.link) : own;
    const admin = createAdmin(
      {
        clock: systemClock,
        limits,
        readiness: () => ({
          draining: isClosed(),
          origins: inForce.upstreams.health(),
          storeUp: traffic.sources.store().lower?.isUp,
        }),
        operations,
        statistics: joint ?? traffic,
        metrics: () => joint?.metrics() ?? metrics.text(),
        config: () => shownSettings(inForce.settings),
        reload: () => fellows?.link.reload() ?? Promise.resolve(reload()),
        routes: () => inForce.routeNames,
        explain: (request) => explainLive(operations, request),
        orders: log,
      },
      { token: () => inForce.settings.admin?.token, cacheName, onFault: warn, onWarning: warn },
    );
    const listener = createNodeHttpListener(admin.desk, { ...admin.listening, cacheName, events: log });
    this.#retire = () => listener.retire();
    this.#end = async () => {
      admin.desk.close();
      await listener.close();
      await joint?.close();
      metrics.close();
    };
    return listener.listen(asked.listen);
  }

  /** Takes no more connections, and lets those that there are go with their next answer. */
  async retire(): Promise<void> {
    await this.#retire?.();
  }

  /** Ends the streams, gives what is under way a moment, and breaks off the rest. */
  async close(): Promise<void> {
    await this.#end?.();
  }
}
