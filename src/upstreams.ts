import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { originOptions } from './config/origin-options.ts';
import type { ReachedOrigin } from './config/routes.ts';
import type { OriginSettings, Settings } from './config/settings.ts';
import { systemClock } from './engine/clock.ts';
import type { HealthCheck } from './origin/health-checks.ts';
import { type GroupServer, OriginGroup, type ServerState } from './origin/origin-group.ts';
import type { Origin, OriginStats } from './origin/origin.ts';
import { type ServerChange, serverChangeText } from './origin/server-change.ts';
import { UndiciOrigin, type UndiciOriginOptions } from './origin/undici-origin.ts';
import type { PolicyConfig } from './policy/config.ts';

/** One origin, now. */
export interface UpstreamStats extends OriginStats {
  readonly name: string;
  /** In the order of the settings. Nothing but the URL of one whose health nobody looks at. */
  readonly servers: readonly (Pick<ServerState, 'url'> & Partial<ServerState>)[];
}

/** Hears of the servers of an origin: that one is left out or takes part again, and that one is, by its certificate, not who was asked for. */
interface Heard {
  readonly onChange: (settings: OriginSettings, change: ServerChange) => void;
  readonly onOtherName: (settings: OriginSettings, text: string) => void;
}

/** The origins of the settings, by name, as long as there are requests to them. */
export class Upstreams {
  origins: ReadonlyMap<string, ReachedOrigin>;
  readonly #drainTimeoutMs: number;
  readonly #leaving = new Set<Origin>();
  readonly #tell: (line: string) => void;
  readonly #toldNames = new WeakMap<OriginSettings, Set<string>>();

  /** `tell`: takes what operators should know of, a line without an end. */
  constructor(settings: Settings, tell: (line: string) => void) {
    this.#drainTimeoutMs = settings.limits.drainTimeoutMs;
    this.#tell = tell;
    this.origins = opened(settings, new Map(), this.#heard);
  }

  /** Opens what is new; what is not in these settings any more is closed when the requests to it are answered, and none that is under way may ask it still. */
  replace(settings: Settings, mayBeAsked: (origin: Origin) => boolean): void {
    const before = this.origins;
    this.origins = opened(settings, before, this.#heard);
    const kept = new Set([...this.origins.values()].map(({ origin }) => origin));
    for (const { origin } of before.values()) if (!kept.has(origin)) void this.#leave(origin, mayBeAsked);
  }

  /** What is under way to each, and how its servers are. */
  stats(): readonly UpstreamStats[] {
    return [...this.origins].map(([name, reached]) => ({
      name,
      ...reached.origin.stats(),
      servers: serversOf(reached),
    }));
  }

  /** Which of them are known to be down: all of their servers are. */
  health(): readonly { readonly name: string; readonly down: boolean }[] {
    return [...this.origins].map(([name, { origin }]) => ({
      name,
      down: origin instanceof OriginGroup && origin.states().every(({ isUp }) => !isUp),
    }));
  }

  async close(): Promise<void> {
    const open = [...this.origins.values()].map(({ origin }) => origin);
    await Promise.all([...open, ...this.#leaving].map((origin) => origin.close()));
  }

  /** How the servers are of an origin that is left is nobody's concern any more. */
  readonly #heard: Heard = {
    onChange: (settings, change) => this.#tellOf(settings, serverChangeText(settings.name, change)),
    onOtherName: (settings, text) => {
      // As often as a connection fails of it.
      const told = this.#toldNames.get(settings) ?? new Set();
      if (told.has(text) || told.size === maxToldNames) return;
      this.#toldNames.set(settings, told.add(text));
      this.#tellOf(settings, `origin ${settings.name}: ${text}`);
    },
  };

  #tellOf(settings: OriginSettings, line: string): void {
    if (this.origins.get(settings.name)?.settings === settings) this.#tell(line);
  }

  async #leave(origin: Origin, mayBeAsked: (origin: Origin) => boolean): Promise<void> {
    this.#leaving.add(origin);
    const until = systemClock.steady() + this.#drainTimeoutMs;
    const isNeeded = (): boolean => isBusy(origin) || mayBeAsked(origin);
    while (isNeeded() && systemClock.steady() < until) await pause(leavingPollMs, undefined, { ref: false });
    await origin.close();
    this.#leaving.delete(origin);
  }
}

/** Of one origin: a server that shows another certificate each time is not told of without end. */
const maxToldNames = 100;

function otherNameText(url: string, asked: string, names: string): string {
  const remedy = 'write one of these names in its URL, or as its serverName (--origin-server-name)';
  return `${url} was asked for as ${asked}, and its certificate is for ${names}: ${remedy}, if it is the right server`;
}

/** How often an origin that is left is asked whether it has anything to do still. */
const leavingPollMs = 100;

function serversOf({ origin, settings }: ReachedOrigin): UpstreamStats['servers'] {
  const { servers, ejection, healthCheck } = settings;
  const isLookedAt = ejection !== undefined || healthCheck !== undefined;
  return isLookedAt && origin instanceof OriginGroup ? origin.states() : servers.map(({ url }) => ({ url }));
}

function isBusy(origin: Origin): boolean {
  const { active, queued } = origin.stats();
  return active + queued > 0;
}

/** The origins of the settings: those of before where nothing about them has changed. */
function opened(
  { origins, routes }: Settings,
  before: ReadonlyMap<string, ReachedOrigin>,
  heard: Heard,
): ReadonlyMap<string, ReachedOrigin> {
  return new Map(
    origins.map((settings) => {
      const known = before.get(settings.name);
      const codings = unknownCodingsOf(settings.name, routes);
      const isAsBefore = known?.unknownTransferCodings === codings && isDeepStrictEqual(known.settings, settings);
      return [settings.name, isAsBefore ? known : reach(settings, codings, heard)];
    }),
  );
}

/** What the strictest of the routes to an origin says of transfer codings that are not registered. */
function unknownCodingsOf(name: string, routes: Settings['routes']): PolicyConfig['unknownTransferCodings'] {
  const used = routes.filter(({ origin }) => origin === name);
  return used.every(({ policy }) => policy.unknownTransferCodings === 'pass') ? 'pass' : 'refuse';
}

function reach(
  settings: OriginSettings,
  unknownTransferCodings: PolicyConfig['unknownTransferCodings'],
  heard: Heard,
): ReachedOrigin {
  const servers = settings.servers.map(({ url, weight }): GroupServer => {
    const onOtherName: UndiciOriginOptions['onOtherName'] = (asked, names) =>
      heard.onOtherName(settings, otherNameText(url, asked, names));
    const known = originOptions(url, settings, { unknownTransferCodings }, settings.tls);
    const options = { ...known, onOtherName };
    const server = { origin: new UndiciOrigin(options), authority: new URL(url).host, weight };
    const { healthCheck: check } = settings;
    return check === undefined ? server : { ...server, forChecks: new UndiciOrigin(checkOptions(options, check)) };
  });
  const [first] = servers;
  if (first === undefined) throw new Error(`origin ${settings.name}: it has no server`);
  const { preserveHost, ejection, healthCheck } = settings;
  const isPlain = servers.length === 1 && healthCheck === undefined;
  const origin = isPlain
    ? first.origin
    : new OriginGroup(servers, {
        preserveHost,
        ejection,
        healthCheck,
        clock: systemClock,
        onChange: (change) => heard.onChange(settings, change),
      });
  return { settings, unknownTransferCodings, origin, authority: first.authority };
}

/** For checks, one at a time. Whatever the one before still holds, the next one waits for, as long as it may take itself. */
function checkOptions(options: UndiciOriginOptions, { timeoutMs }: HealthCheck): UndiciOriginOptions {
  const connectTimeoutMs = Math.min(options.connectTimeoutMs, timeoutMs);
  return { ...options, connections: 1, queue: 1, queueTimeoutMs: timeoutMs, connectTimeoutMs };
}
