import type { ReloadOutcome } from '../../../src/admin/parts.ts';
import type { Channel } from '../../../src/workers/channel.ts';
import { FigureLedger } from '../../../src/workers/figure-ledger.ts';
import { Hub } from '../../../src/workers/hub.ts';
import type { ToPrimary, ToWorker } from '../../../src/workers/messages.ts';

/** One end of a way that is not there: what is sent is heard in a later turn, as a copy, as from another process. */
class End<Out, In> implements Channel<Out, In> {
  readonly #listeners: ((message: In) => void)[] = [];
  #deliver: (message: Out) => void = () => undefined;
  isCut = false;

  async send(message: Out): Promise<void> {
    const copy = structuredClone(message);
    await Promise.resolve();
    if (!this.isCut) this.#deliver(copy);
  }

  listen(listener: (message: In) => void): void {
    this.#listeners.push(listener);
  }

  hear(message: In): void {
    if (!this.isCut) for (const listener of this.#listeners) listener(message);
  }

  deliverTo(deliver: (message: Out) => void): void {
    this.#deliver = deliver;
  }
}

/** A worker without a process. */
export interface CrewMember {
  readonly channel: Channel<ToPrimary, ToWorker>;
  /** It ends; what it has not sent is lost. */
  readonly leave: (how: 'asked to' | 'died') => void;
}

async function nothingToReload(): Promise<ReloadOutcome> {
  return { kind: 'refused', problem: 'there is no file here' };
}

/** The primary process and its workers, in this one. */
export class Crew {
  readonly ledger: FigureLedger;
  readonly hub: Hub;
  #workers = 0;

  /** `steady`: the clock of the primary process. */
  constructor(steady: () => number = () => 0, ledger = new FigureLedger()) {
    this.ledger = ledger;
    this.hub = new Hub(steady, this.ledger, nothingToReload);
  }

  join(): CrewMember {
    const worker = ++this.#workers;
    const here = new End<ToPrimary, ToWorker>();
    const there = new End<ToWorker, ToPrimary>();
    here.deliverTo((message) => there.hear(message));
    there.deliverTo((message) => here.hear(message));
    this.hub.join(worker, `worker ${worker}`, there);
    return {
      channel: here,
      leave: (how) => {
        here.isCut = true;
        there.isCut = true;
        this.hub.leave(worker, how);
      },
    };
  }
}
