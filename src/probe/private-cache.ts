import { type ReachedOrigin, routesOf } from '../config/routes.ts';
import type { Settings } from '../config/settings.ts';
import { systemClock } from '../engine/clock.ts';
import type { ExchangeRecord } from '../engine/events.ts';
import { Engine } from '../engine/handle.ts';
import type { Inspection } from '../engine/operations.ts';
import type { RequestHead } from '../http/message.ts';
import { MemoryStore } from '../store/memory.ts';
import { Upstreams } from '../upstreams.ts';
import { type OriginVisit, RecordingOrigin } from './recording-origin.ts';

const cacheName = 'etagere';

/** Whoever asks may speak as the proxy before the cache does. */
export const trustsEverybody = (): boolean => true;

/** A cache with an empty shelf that nobody else asks: the engine as it always runs, between a client in this process and real origins. */
export class PrivateCache {
  /** What the origins were asked, in order. */
  readonly visits: OriginVisit[] = [];
  readonly #engine: Engine;
  readonly #upstreams: Upstreams;
  #onRecord: (record: ExchangeRecord) => void = () => undefined;

  constructor(settings: Settings) {
    const { limits } = settings;
    const { memoryBytes, maxObjectShare, maxVariants } = limits;
    const maxObjectBytes = Math.floor(memoryBytes * maxObjectShare);
    const viaName = `${cacheName}-explain`;
    // Who has one request explained sees what its server answered.
    this.#upstreams = new Upstreams(settings, () => undefined);
    this.#engine = new Engine({
      routes: routesOf(settings, this.#recorded(this.#upstreams.origins), viaName),
      store: new MemoryStore({ maxBytes: memoryBytes, maxObjectBytes, maxVariants }),
      clock: systemClock,
      limits,
      cacheName,
      viaName,
      trusts: trustsEverybody,
      events: {
        exchangeEnded: (record) => this.#onRecord(record),
        validationFailed() {},
        requestRefused() {},
        originAnswered() {},
      },
    });
  }

  #recorded(origins: ReadonlyMap<string, ReachedOrigin>): ReadonlyMap<string, ReachedOrigin> {
    return new Map(
      [...origins].map(([name, reached]) => {
        const origin = new RecordingOrigin(reached.origin, this.visits, systemClock);
        return [name, { ...reached, origin }];
      }),
    );
  }

  /** Sends a request without content and reads the answer to its end, one at a time. Resolves with the record for the log. */
  ask(request: RequestHead): Promise<ExchangeRecord> {
    return new Promise((resolve) => {
      this.#onRecord = resolve;
      this.#engine.handle({
        request,
        content: null,
        client: { address: '127.0.0.1' },
        sink: {
          interim() {},
          head() {},
          write: () => true,
          end() {},
          abort() {},
          listen() {},
        },
      });
    });
  }

  /** What is on the shelf for a request, and the rules of its route. */
  inspect(request: RequestHead): Promise<Inspection> {
    return this.#engine.operations.inspect(request);
  }

  async close(): Promise<void> {
    await this.#engine.drain();
    await this.#upstreams.close();
  }
}
