import type { ReloadOutcome } from '../admin/parts.ts';
import { changesOf, nothingToReload, settingsInForce } from '../config/changes.ts';
import type { Settings } from '../config/settings.ts';
import { UsageError } from '../config/usage-error.ts';
import { logStyle } from '../main.ts';
import type { Hub } from '../workers/hub.ts';
import type { SharedShelf } from './shared-shelf.ts';
import type { Terminal } from './terminal.ts';
import type { Ways } from './ways.ts';

/** Settings by which workers begin. */
interface Reading {
  readonly started: Settings;
  /** With what was taken since, while they run. */
  inForce: Settings;
  /** What there was before it, as long as none has begun by these. */
  before: Reading | undefined;
  /** None could. */
  hasFailed: boolean;
}

/** What the workers run by: all by the same, also those that begin later. */
export class WorkerSettings {
  readonly #load: Ways['load'];
  readonly #shelf: SharedShelf;
  readonly #terminal: Terminal;
  #last: Reading;

  constructor(settings: Settings, load: Ways['load'], shelf: SharedShelf, terminal: Terminal) {
    this.#load = load;
    this.#shelf = shelf;
    this.#terminal = terminal;
    const started = this.#ofWorkers(settings);
    this.#last = { started, inForce: started, before: undefined, hasFailed: false };
  }

  get inForce(): Settings {
    return this.#last.inForce;
  }

  /** Reads them anew, and has all workers take what can be taken while they run. */
  async reload(hub: Pick<Hub, 'take'>, isLogged: boolean): Promise<ReloadOutcome> {
    try {
      if (this.#load === undefined) return { kind: 'refused', problem: nothingToReload };
      const { settings, warnings } = this.#load();
      const next = this.#ofWorkers(settings);
      // What is read for a restart while they take it is newer.
      const last = this.#last;
      const outcome = await hub.take(next, warnings, isLogged);
      if (outcome.kind === 'reloaded') takeInto(last, next);
      return outcome;
    } catch (error) {
      if (error instanceof UsageError) return { kind: 'refused', problem: error.message };
      throw error;
    }
  }

  /** Reads them anew, for workers that begin from now on. Where they listen and what they share stays. Undefined where there are mistakes, which are told; else what has to hear whether any could begin by them: where none could, they are those from before. */
  readForRestart(): ((isBegun: boolean) => void) | undefined {
    const before = this.#last;
    try {
      if (this.#load === undefined) return () => {};
      const { settings, warnings } = this.#load();
      for (const warning of warnings) this.#terminal.say(`etagere: ${warning}`);
      const { listen, admin, store, workers, limits } = before.started;
      const next = this.#ofWorkers(settings);
      const kept = admin && { ...admin, token: settings.admin?.token ?? admin.token };
      const bounded = { ...next.limits, diskBytes: limits.diskBytes };
      const read = { ...next, limits: bounded, listen, admin: kept, store, workers };
      for (const name of changesOf(before.started, read, next).restart)
        this.#terminal.say(`etagere: ${name} takes effect with the next start of Etagere, not of its workers`);
      const reading: Reading = { started: read, inForce: read, before, hasFailed: false };
      this.#last = reading;
      return (isBegun) => this.#settle(reading, isBegun);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#terminal.say(`etagere: ${error.message}`);
      this.#terminal.say('etagere: nothing was changed, and no worker restarted');
      return undefined;
    }
  }

  /** What was read since stays, as long as nothing is known of it. */
  #settle(reading: Reading, isBegun: boolean): void {
    if (isBegun) reading.before = undefined;
    else reading.hasFailed = true;
    while (this.#last.hasFailed && this.#last.before !== undefined) this.#last = this.#last.before;
  }

  /** With a shelf that all have; and a worker does not see who reads its log. */
  #ofWorkers(settings: Settings): Settings {
    return this.#shelf.named({ ...settings, log: logStyle(settings) });
  }
}

/** Also for what there was before: what runs by that has taken it, too. */
function takeInto(last: Reading, next: Settings): void {
  for (let each: Reading | undefined = last; each !== undefined; each = each.before)
    each.inForce = settingsInForce(each.started, each.inForce, next);
}
