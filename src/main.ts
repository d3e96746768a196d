import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { Admin } from './admin-listener.ts';
import type { ReloadOutcome } from './admin/parts.ts';
import type { PurgeOrder } from './admin/purge-order.ts';
import { urlOf } from './config/addresses.ts';
import { expiryWarnings, shownCertificates } from './config/certificate-expiry.ts';
import { UsageError } from './config/usage-error.ts';
import { systemCode, unreadable } from './config/system-code.ts';
import type { Settings } from './config/settings.ts';
import { systemClock } from './engine/clock.ts';
import type { EngineEvents } from './engine/events.ts';
import { Engine } from './engine/handle.ts';
import type { Limits } from './engine/limits.ts';
import { LoadWatch, type Shedding, sheddingText } from './engine/load-watch.ts';
import type { PurgeReceipt } from './engine/operations.ts';
import { NotStoredHeads } from './engine/not-stored.ts';
import type { OrderEvents } from './engine/orders.ts';
import { Ending, type HowEnded } from './ending.ts';
import { InForce, type LoadSettings } from './in-force.ts';
import { createNodeHttpListener, type ListenAddress, type NodeHttpListener } from './listener/node-http.ts';
import { TurnedAway } from './listener/turned-away.ts';
import { type AccessLog, createAccessLog, noLog } from './observe/access-log.ts';
import { Faults } from './observe/faults.ts';
import { fanOut } from './observe/fan-out.ts';
import { fileDestination, type LogDestination, stdoutDestination } from './observe/log-destination.ts';
import { LogTrouble } from './observe/log-trouble.ts';
import { Traffic, type TrafficSources } from './observe/traffic.ts';
import type { ProgramPurgeParts } from './program-purge.ts';
import { createShelves } from './shelves.ts';
import type { Store } from './store/store.ts';
import type { Fellows } from './workers/fellows.ts';

export type { HowEnded };

/** Our name in Cache-Status and Proxy-Status: the same for every instance, so that people and rules can look for it. */
const cacheName = 'etagere';

/** A cache before one origin, with all its parts joined. */
export interface Proxy {
  /** Answers requests of a server that is not ours. */
  readonly listener: RequestListener;
  /**
   * Listens at the addresses of the settings, once the shelf beneath memory is open. Resolves with their URLs, a port 0 replaced by the real one. Rejects with the system's error, or a UsageError where
   * that shelf can't be opened.
   */
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
   * requests to the origin that no client waits for. What has not ended within the second after that is left behind, as on a disk that hangs, and told.
   */
  readonly close: () => Promise<HowEnded>;
  /**
   * The same for one in whose place another listens: first its clients are told with their next answer that it is the last on their connection, as long as `drainTimeoutMs` allows, so that none finds it
   * closed under a request.
   */
  readonly retire: () => Promise<HowEnded>;
  /**
   * Purges, as the admin API does. Rejects with a UsageError where that can't be understood or the cache has been closed, and with PURGES_FULL.
   */
  readonly purge: (order: PurgeOrder) => Promise<PurgeReceipt>;
  /** Opens the file of the access log anew, under its name: whoever rotates logs has moved the old one away. */
  readonly reopenLog: () => void;
}

/**
 * The composition root: constructs every part and joins them.
 *
 * @param load where the settings come from, if they can be read anew
 * @param warn is told what a person should know of: text, or an error that should never happen
 * @param fellows the other workers, where this process is one
 */
export function createProxy(
  settings: Settings,
  load?: LoadSettings,
  warn: Warn = emitWarning,
  fellows?: Fellows,
): Proxy {
  const limits = shareOf(settings.limits, fellows);
  const logTrouble = new LogTrouble(warn, () => systemClock.steady());
  const log = accessLogFor(settings, logTrouble);
  const viaName = fellows?.viaName ?? newViaName();
  const inForce = new InForce(settings, viaName, warn);
  const instance = fellows?.instance ?? viaName;
  const shelves = createShelves({ ...settings, limits }, { instance, warn, sharers: fellows });
  const { store } = shelves;
  const live: Live = { clientConnections: () => listener.openConnections, shedding: () => watch.shedding };
  const traffic = settings.admin === undefined ? undefined : trafficOf(inForce, store, logTrouble, live);
  const notStored = settings.admin === undefined ? undefined : new NotStoredHeads(limits.maxNotStoredHeads, store);
  const faults = new Faults(warn, () => systemClock.steady());
  const events = { ...eventsFor(log, traffic, notStored), faulted: (cause: unknown) => faults.tell(cause) };
  const watch = loadWatch(limits, warn, () => listener);
  const engine = new Engine({
    routes: inForce.routes,
    store,
    clock: systemClock,
    limits,
    events,
    load: watch,
    viaName,
    instance,
    trusts: (peer) => inForce.trusts(peer),
    cacheName,
    cacheStatusMode: settings.cacheStatus,
    ...(notStored === undefined ? {} : { notStored }),
    mayPurge: () => inForce.mayPurge,
    orders: log,
  });
  const listener = listenerFor(engine, settings, { limits, events, warn });
  const isClosed = (): boolean => ending.hasBegun;
  const reload = (from = load): ReloadOutcome => {
    if (isClosed()) return { kind: 'refused', problem: 'this cache is being closed' };
    const outcome = inForce.reload(from, (origin) => engine.mayAsk(origin));
    if (outcome.kind === 'reloaded') engine.reroute(inForce.routes);
    listener.certify(inForce.settings.tlsCert);
    return outcome;
  };
  if (fellows !== undefined) takeSettings(fellows, reload, log);
  const admin = new Admin({ engine, inForce, traffic, log, isClosed, reload, warn, limits, fellows, cacheName });
  const watches = [watch, lookForExpiry(inForce, fellows, warn)];
  const ending = new Ending({ listener, engine, admin, inForce, shelves, log, limits, watches, warn });
  return {
    listener: listener.handle,
    listen: listenOnce('listen', isClosed, () => shelves.opened().then(() => listenAtAll(listener, settings.listen))),
    listenAdmin: listenOnce('listenAdmin', isClosed, async () => urlOf(await admin.listen())),
    reload: () => reloadedBySignal(reload, log),
    close: () => ending.close(),
    retire: () => ending.retire(),
    purge: (order) => purgeUnlessClosed(order, isClosed, { operations: engine.operations, orders: log }),
    reopenLog: () => log.reopen(),
  };
}

/** Our pseudonym in Via. Unlike the cache's name, it must tell instances apart: seen in a request it means a loop. */
export function newViaName(): string {
  return `${cacheName}-${randomBytes(3).toString('hex')}`;
}

/** The limits of a worker: `--memory` is that of all of them, every other limit is for each. */
function shareOf(limits: Limits, fellows: Fellows | undefined): Limits {
  return fellows === undefined ? limits : { ...limits, memoryBytes: Math.floor(limits.memoryBytes / fellows.count) };
}

/** Takes the settings that all workers are given, where one is asked to reload. */
function takeSettings({ link }: Fellows, reload: (from: LoadSettings) => ReloadOutcome, orders: OrderEvents): void {
  void link.answers('reload', ({ settings, warnings, isLogged }) => {
    const take = (): ReloadOutcome => reload(() => ({ settings, warnings }));
    return isLogged ? reloadedBySignal(take, orders) : take();
  });
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Warns once a day of certificates that are about to expire, in one of several workers. */
function lookForExpiry(inForce: InForce, fellows: Fellows | undefined, warn: Warn): { stop(): void } {
  const timer = setInterval(() => {
    if (fellows !== undefined && fellows.place !== 'worker 1') return;
    for (const warning of expiryWarnings(inForce.settings, systemClock.wall())) warn(warning);
  }, dayMs).unref();
  return { stop: () => clearInterval(timer) };
}

/** Reloads, and tells what became of it, as the admin API does of a reload that somebody asks it for. */
function reloadedBySignal(reload: () => ReloadOutcome, orders: OrderEvents): ReloadOutcome {
  const began = systemClock.steady();
  const outcome = reload();
  orders.orderEnded({
    order: { kind: 'reload' },
    outcome: outcome.kind === 'refused' ? { kind: 'refused', error: 'CONFIGURATION_REFUSED' } : outcome,
    from: 'SIGHUP',
    durationMs: systemClock.steady() - began,
  });
  return outcome;
}

/** Listens, but not twice; where that failed, it may be tried again. */
function listenOnce<T>(name: string, isClosed: () => boolean, listen: () => Promise<T>): () => Promise<T> {
  let listens = false;
  return async () => {
    refuseWhereClosed(name, isClosed);
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

/** @throws UsageError */
function refuseWhereClosed(name: string, isClosed: () => boolean): void {
  if (isClosed()) throw new UsageError(`${name}: this cache has been closed`, 'make a new one');
}

async function purgeUnlessClosed(
  order: PurgeOrder,
  isClosed: () => boolean,
  parts: ProgramPurgeParts,
): Promise<PurgeReceipt> {
  refuseWhereClosed('purge', isClosed);
  const { purgeForProgram } = await import('./program-purge.ts');
  return purgeForProgram(order, parts);
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

/** What the listener and the watch on the load say of themselves. */
type Live = Pick<TrafficSources, 'clientConnections' | 'shedding'>;

/** Turns away what is too much, and says so. */
function loadWatch(limits: Limits, warn: Warn, listener: () => NodeHttpListener): LoadWatch {
  const onChange = (shedding: Shedding, delayMs: number): void => {
    if (shedding === 'connections') listener().hold();
    else listener().admit();
    warn(sheddingText(shedding, delayMs));
  };
  const watch = new LoadWatch({ clock: systemClock, boundMs: limits.overloadDelayMs, onChange });
  watch.start();
  return watch;
}

interface Surroundings {
  readonly limits: Limits;
  readonly events: EngineEvents;
  readonly warn: Warn;
}

/** Where clients come in. That there are too many of them is told here alone: nobody hears of those who are closed. */
function listenerFor(engine: Engine, settings: Settings, { limits, events, warn }: Surroundings): NodeHttpListener {
  const { encodeTarget, fastLane, tlsCert: certificates } = settings;
  const turnedAway = new TurnedAway({ limit: limits.clientConnections, warn, steady: () => systemClock.steady() });
  const onTurnedAway = (): void => turnedAway.note();
  const options = { limits, cacheName, encodeTarget, fastLane, events, certificates, onTurnedAway };
  return createNodeHttpListener(engine, options);
}

/** Counts what is told, for whoever asks the admin API. */
function trafficOf(inForce: InForce, store: Store, logTrouble: LogTrouble, live: Live): Traffic {
  return new Traffic({
    wall: () => systemClock.wall(),
    steady: () => systemClock.steady(),
    cacheName,
    routes: () => inForce.routeNames,
    store: () => store.stats(),
    lostLogLines: () => logTrouble.lostLines,
    ...live,
    origins: () => inForce.upstreams.stats(),
    certificates: () => shownCertificates(inForce.settings),
  });
}

/** Tells what a person should know of. */
export type Warn = (trouble: unknown) => void;

/** On stderr, unless the program that we are part of has it elsewhere. */
function emitWarning(trouble: unknown): void {
  process.emitWarning(trouble instanceof Error ? trouble : String(trouble));
}

/** `auto` is for whoever reads: a person at a terminal, or a collector of lines. */
export function logStyle({ log, logFile }: Settings): Exclude<Settings['log'], 'auto'> {
  const forTerminal = logFile === undefined && process.stdout.isTTY;
  return log === 'auto' ? (forTerminal ? 'pretty' : 'json') : log;
}

/** @throws UsageError where the file can't be opened */
function accessLogFor(settings: Settings, trouble: LogTrouble): AccessLog {
  const { logFile } = settings;
  const style = logStyle(settings);
  if (style === 'off') return noLog;
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
