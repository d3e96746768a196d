import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { ReloadOutcome } from './admin/parts.ts';
import { urlOf } from './config/addresses.ts';
import { UsageError } from './config/usage-error.ts';
import { ownVersion } from './config/own-version.ts';
import { systemCode, unreadable } from './config/system-code.ts';
import type { Settings } from './config/settings.ts';
import { systemClock } from './engine/clock.ts';
import type { EngineEvents } from './engine/events.ts';
import { Engine } from './engine/handle.ts';
import { NotStoredHeads } from './engine/not-stored.ts';
import type { OrderEvents } from './engine/orders.ts';
import { InForce, type LoadSettings } from './in-force.ts';
import { createNodeHttpListener, type ListenAddress, type NodeHttpListener } from './listener/node-http.ts';
import { type AccessLog, createAccessLog, noLog } from './observe/access-log.ts';
import { fanOut } from './observe/fan-out.ts';
import { fileDestination, type LogDestination, stdoutDestination } from './observe/log-destination.ts';
import { LogTrouble } from './observe/log-trouble.ts';
import { Traffic } from './observe/traffic.ts';
import { MemoryStore } from './store/memory.ts';
import type { Store } from './store/store.ts';

/** Our name in Cache-Status and Proxy-Status: the same for every instance, so that people and rules can look for it. */
const cacheName = 'etagere';

/** A cache before one origin, with all its parts joined. */
export interface Proxy {
  /** Answers requests of a server that is not ours. */
  readonly listener: RequestListener;
  /** Listens at the addresses of the settings. Resolves with their URLs, a port 0 replaced by the real one. Rejects with the system's error. */
  readonly listen: () => Promise<readonly string[]>;
  /** The same for the admin API, at its one address. Its code is loaded for this alone. */
  readonly listenAdmin: () => Promise<string>;
  /**
   * Reads the configuration anew. From then on requests take its routes, to its origins, and its networks are believed and may purge; what is under way goes on as it began, and what is
   * stored stays. What else has changed waits for the next start, and is told. A configuration with mistakes changes nothing. The log has it as ordered by SIGHUP.
   */
  readonly reload: () => ReloadOutcome;
  /**
   * Takes no more connections, finishes the answers under way as long as `drainTimeoutMs` allows, then breaks off everything that is left: answers, and
   * requests to the origin that no client waits for.
   */
  readonly close: () => Promise<void>;
  /** Opens the file of the access log anew, under its name: whoever rotates logs has moved the old one away. */
  readonly reopenLog: () => void;
}

/**
 * The composition root: constructs every part and joins them.
 *
 * @param load where the settings come from, if they can be read anew
 * @param warn is told what a person should know of: text, or an error that should never happen
 */
export function createProxy(settings: Settings, load?: LoadSettings, warn: Warn = emitWarning): Proxy {
  const { limits, encodeTarget, fastLane } = settings;
  const logTrouble = new LogTrouble(warn, () => systemClock.steady());
  const log = accessLogFor(settings, logTrouble);
  // Unlike the cache's name, this must tell instances apart: seen in a request's Via it means a loop.
  const viaName = `${cacheName}-${randomBytes(3).toString('hex')}`;
  const inForce = new InForce(settings, viaName, warn);
  const { upstreams } = inForce;
  const store = new MemoryStore({
    maxBytes: limits.memoryBytes,
    maxObjectBytes: Math.floor(limits.memoryBytes * limits.maxObjectShare),
    maxVariants: limits.maxVariants,
  });
  const traffic =
    settings.admin === undefined ? undefined : trafficOf(inForce, store, logTrouble, () => listener.openConnections);
  const notStored = settings.admin === undefined ? undefined : new NotStoredHeads(limits.maxNotStoredHeads, store);
  const events = eventsFor(log, traffic, notStored);
  const engine = new Engine({
    routes: inForce.routes,
    store,
    clock: systemClock,
    limits,
    events,
    viaName,
    trusts: (peer) => inForce.trusts(peer),
    cacheName,
    ...(notStored === undefined ? {} : { notStored }),
    mayPurge: () => inForce.mayPurge,
    orders: log,
  });
  const listener = createNodeHttpListener(engine, { limits, cacheName, encodeTarget, fastLane, events });
  let ended: Promise<void> | undefined;
  const isClosed = (): boolean => ended !== undefined;
  const reload = (): ReloadOutcome => {
    if (isClosed()) return { kind: 'refused', problem: 'this cache is being closed' };
    const outcome = inForce.reload(load, (origin) => engine.mayAsk(origin));
    if (outcome.kind === 'reloaded') engine.reroute(inForce.routes);
    return outcome;
  };
  const admin = new Admin({ engine, inForce, traffic, log, isDraining: isClosed, reload, warn });
  const end = async (): Promise<void> => {
    const answered = listener.close().then(() => engine.drain());
    await within(limits.drainTimeoutMs, answered);
    await admin.close();
    await upstreams.close();
    await log.close();
  };
  return {
    listener: listener.handle,
    listen: listenOnce('listen', isClosed, () => listenAtAll(listener, settings.listen)),
    listenAdmin: listenOnce('listenAdmin', isClosed, async () => urlOf(await admin.listen())),
    reload: () => reloadedBySignal(reload, log),
    close: () => {
      ended ??= end();
      return ended;
    },
    reopenLog: () => log.reopen(),
  };
}

/** Reloads, and tells what became of it, as the admin API does of a reload that somebody asks it for. */
function reloadedBySignal(reload: () => ReloadOutcome, orders: OrderEvents): ReloadOutcome {
  const began = systemClock.steady();
  const outcome = reload();
  orders.orderEnded({
    order: { kind: 'reload' },
    outcome: outcome.kind === 'refused' ? { kind: 'refused', error: 'CONFIGURATION_REFUSED' } : outcome,
    client: undefined,
    durationMs: systemClock.steady() - began,
  });
  return outcome;
}

/** Listens, but not twice; where that failed, it may be tried again. */
function listenOnce<T>(name: string, isClosed: () => boolean, listen: () => Promise<T>): () => Promise<T> {
  let listens = false;
  return async () => {
    if (isClosed()) throw new UsageError(`${name}: this cache has been closed`, 'make a new one');
    if (listens) throw new UsageError(`${name}: this cache listens already`, 'make another one for another address');
    listens = true;
    try {
      return await listen();
    } catch (error) {
      listens = false;
      throw error;
    }
  };
}

/** At all of these addresses, or at none. Resolves with their URLs. */
async function listenAtAll(listener: NodeHttpListener, addresses: readonly ListenAddress[]): Promise<string[]> {
  const urls: string[] = [];
  try {
    for (const address of addresses) urls.push(urlOf(await listener.listen(address)));
    return urls;
  } catch (error) {
    listener.unlisten();
    throw error;
  }
}

/** Who hears what: the log always, and where there is an admin API, those from whom it knows. */
function eventsFor(log: AccessLog, traffic: Traffic | undefined, notStored: NotStoredHeads | undefined): EngineEvents {
  if (traffic === undefined || notStored === undefined) return log;
  return { ...fanOut(log, traffic), notStored: (arriving, reason) => notStored.add(arriving, reason) };
}

/** Counts what is told, for whoever asks the admin API. */
function trafficOf(inForce: InForce, store: Store, logTrouble: LogTrouble, clientConnections: () => number): Traffic {
  return new Traffic({
    wall: () => systemClock.wall(),
    steady: () => systemClock.steady(),
    cacheName,
    routes: () => routeNames(inForce),
    store: () => store.stats(),
    lostLogLines: () => logTrouble.lostLines,
    clientConnections,
    origins: () => inForce.upstreams.stats(),
  });
}

function routeNames({ settings }: InForce): string[] {
  return settings.routes.map(({ name }) => name);
}

interface AdminContext {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly traffic: Traffic | undefined;
  readonly log: AccessLog;
  readonly isDraining: () => boolean;
  readonly reload: () => ReloadOutcome;
  readonly warn: Warn;
}

/** The admin API: its code is not loaded before it is to listen. */
class Admin {
  readonly #context: AdminContext;
  #end: (() => Promise<void>) | undefined;

  constructor(context: AdminContext) {
    this.#context = context;
  }

  async listen(): Promise<ListenAddress> {
    const { inForce, traffic, log, isDraining, reload, warn } = this.#context;
    const { admin: asked, limits } = inForce.settings;
    if (asked === undefined || traffic === undefined) {
      throw new UsageError('listenAdmin: no address was given', "write createEtagere({ admin: '127.0.0.1:8081', … })");
    }
    const [{ createAdmin }, { Metrics }, { explainLive }, { shownSettings }] = await Promise.all([
      import('./admin/admin.ts'),
      import('./observe/metrics.ts'),
      import('./probe/live.ts'),
      import('./config/shown.ts'),
    ]);
    if (isDraining()) throw new UsageError('listenAdmin: this cache has been closed', 'make a new one');
    const { operations } = this.#context.engine;
    const metrics = new Metrics(traffic, { version: ownVersion(), nodeVersion: process.version, limits });
    const admin = createAdmin(
      {
        clock: systemClock,
        limits,
        readiness: () => ({
          draining: isDraining(),
          origins: inForce.upstreams.health(),
        }),
        operations,
        statistics: traffic,
        metrics: () => metrics.text(),
        config: () => shownSettings(inForce.settings),
        reload: () => Promise.resolve(reload()),
        routes: () => routeNames(inForce),
        explain: (request) => explainLive(operations, request),
        orders: log,
      },
      { token: () => inForce.settings.admin?.token, cacheName, onFault: warn, onWarning: warn },
    );
    const listener = createNodeHttpListener(admin.desk, { ...admin.listening, cacheName, events: log });
    this.#end = async () => {
      metrics.close();
      admin.desk.close();
      await listener.close();
    };
    return listener.listen(asked.listen);
  }

  /** Ends the streams, gives what is under way a moment, and breaks off the rest. */
  async close(): Promise<void> {
    await this.#end?.();
  }
}

/** Tells what a person should know of. */
export type Warn = (trouble: unknown) => void;

/** On stderr, unless the program that we are part of has it elsewhere. */
function emitWarning(trouble: unknown): void {
  process.emitWarning(trouble instanceof Error ? trouble : String(trouble));
}

/** Resolves with the promise, but at the latest after that time. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

/**
 * `auto` is for whoever reads: a person at a terminal, or a collector of lines.
 * @throws UsageError where the file can't be opened
 */
function accessLogFor({ log: mode, logFile }: Settings, trouble: LogTrouble): AccessLog {
  if (mode === 'off') return noLog;
  const forTerminal = logFile === undefined && process.stdout.isTTY;
  const style = mode === 'auto' ? (forTerminal ? 'pretty' : 'json') : mode;
  const pace = style === 'pretty' ? 'line by line' : 'batched';
  const destination = logFile === undefined ? stdoutDestination(pace, trouble) : openedLog(logFile, trouble);
  return createAccessLog({ style, cacheName, destination, wall: () => systemClock.wall() });
}

function openedLog(path: string, trouble: LogTrouble): LogDestination {
  try {
    return fileDestination(path, trouble);
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'there is no such folder' : unreadable(error);
    throw new UsageError(
      `logFile: ${path} can't be written to (${why})`,
      'name a file in a folder that is there, which this process may write to',
    );
  }
}
