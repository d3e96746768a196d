import { systemClock } from './engine/clock.ts';

/** Whether something had to be left behind that did not end in its time: a file system that hangs holds threads, and whatever waits for them. */
export type HowEnded = 'whole' | 'late';

interface Ends {
  close(): Promise<unknown>;
}

interface Retires extends Ends {
  retire(): Promise<unknown>;
}

export interface EndingParts {
  readonly listener: Retires;
  readonly engine: { drain(): Promise<unknown> };
  readonly admin: Retires;
  readonly inForce: { readonly upstreams: Ends };
  readonly shelves: Ends;
  readonly log: Ends;
  readonly limits: { readonly drainTimeoutMs: number };
  /** What looks at something again and again. */
  readonly watches: readonly { stop(): void }[];
  readonly warn: (trouble: string) => void;
}

/** How long each may take, in milliseconds, where nothing is left of the time for answers: less than a second together, in which the process is to have ended, too. */
const leastMs = { connections: 150, shelf: 400, log: 150 } as const;

/** The end of a proxy, which comes once. */
export class Ending {
  readonly #parts: EndingParts;
  #ended: Promise<HowEnded> | undefined;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  get hasBegun(): boolean {
    return this.#ended !== undefined;
  }

  close(): Promise<HowEnded> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async retire(): Promise<HowEnded> {
    const { listener, admin, limits } = this.#parts;
    await within(limits.drainTimeoutMs, Promise.all([listener.retire(), admin.retire()]));
    return this.close();
  }

  async #end(): Promise<HowEnded> {
    const { listener, engine, admin, inForce, shelves, log, limits, watches, warn } = this.#parts;
    const until = systemClock.steady() + limits.drainTimeoutMs;
    for (const watch of watches) watch.stop();
    await within(
      limits.drainTimeoutMs,
      listener.close().then(() => engine.drain()),
    );
    const late: string[] = [];
    const ended = async (name: string, ms: number, end: Promise<unknown>): Promise<void> => {
      if (!(await within(Math.max(ms, until - systemClock.steady()), end))) late.push(name);
    };
    await Promise.all([
      ended('the admin API', leastMs.connections, admin.close()),
      ended('the origins', leastMs.connections, inForce.upstreams.close()),
    ]);
    await ended('the shelf', leastMs.shelf, shelves.close());
    await ended('the log', leastMs.log, log.close());
    if (late.length === 0) return 'whole';
    const lost = late.includes('the shelf') ? '; what was stored last may be lost' : '';
    warn(`left behind, as it did not end in time: ${late.join(', ')}${lost}`);
    return 'late';
  }
}

/** Resolves with the promise, but at the latest after that time; whether it was in time. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
