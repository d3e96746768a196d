import type { ReloadOutcome } from './admin/parts.ts';
import { changesOf, nothingToReload, settingsInForce } from './config/changes.ts';
import { routesOf } from './config/routes.ts';
import type { Settings } from './config/settings.ts';
import { trustedPeers } from './config/trusted-peers.ts';
import { UsageError } from './config/usage-error.ts';
import type { Routes } from './engine/route.ts';
import type { Origin } from './origin/origin.ts';
import { Upstreams } from './upstreams.ts';

/**
 * Reads the configuration anew.
 * @throws UsageError that says what is wrong with it
 */
export type LoadSettings = () => { readonly settings: Settings; readonly warnings: readonly string[] };

/** The settings in force, and what of them can be changed while the process runs. */
export class InForce {
  readonly upstreams: Upstreams;
  readonly #viaName: string;
  readonly #started: Settings;
  #settings: Settings;
  #trusts: (peer: string) => boolean;

  /** `viaName`: our pseudonym in Via. `tell`: takes what operators should know of, a line without an end. */
  constructor(settings: Settings, viaName: string, tell: (line: string) => void) {
    this.upstreams = new Upstreams(settings, tell);
    this.#viaName = viaName;
    this.#started = settings;
    this.#settings = settings;
    this.#trusts = trustedPeers(settings.trustProxy);
    this.mayPurge = purgersOf(settings);
    this.routes = routesOf(settings, this.upstreams.origins, viaName);
  }

  get settings(): Settings {
    return this.#settings;
  }

  routes: Routes;

  get routeNames(): string[] {
    return this.#settings.routes.map(({ name }) => name);
  }

  /** Whether a client at that address may send PURGE; undefined: it is a method like any other. */
  mayPurge: ((address: string) => boolean) | undefined;

  /** Whether a peer is believed in what it says of its clients. */
  trusts(peer: string): boolean {
    return this.#trusts(peer);
  }

  /** Takes what `load` brings, as far as it can be taken now; the rest is told. `mayBeAsked`: whether a request that is under way may still ask an origin. */
  reload(load: LoadSettings | undefined, mayBeAsked: (origin: Origin) => boolean): ReloadOutcome {
    if (load === undefined) {
      return { kind: 'refused', problem: nothingToReload };
    }
    try {
      const { settings: next, warnings } = load();
      const inForce = settingsInForce(this.#started, this.#settings, next);
      const { inPlace, restart } = changesOf(this.#settings, inForce, next);
      this.#take(inForce, mayBeAsked);
      return {
        kind: 'reloaded',
        changed: inPlace,
        warnings: [...warnings, ...restart.map((name) => `${name} takes effect with the next start`)],
      };
    } catch (error) {
      if (error instanceof UsageError) return { kind: 'refused', problem: error.message };
      throw error;
    }
  }

  #take(settings: Settings, mayBeAsked: (origin: Origin) => boolean): void {
    this.upstreams.replace(settings, mayBeAsked);
    this.#trusts = trustedPeers(settings.trustProxy);
    this.mayPurge = purgersOf(settings);
    this.routes = routesOf(settings, this.upstreams.origins, this.#viaName);
    this.#settings = settings;
  }
}

function purgersOf({ purgeFrom }: Settings): ((address: string) => boolean) | undefined {
  return purgeFrom.length === 0 ? undefined : trustedPeers(purgeFrom);
}
