import type { TailRecord } from '../observe/statistics.ts';
import { Tail } from '../observe/tail.ts';
import type { Channel } from './channel.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

type Listener = (record: TailRecord) => void | Promise<void>;

/** Has every record of one worker come until the result is called. */
type Source = (listener: Listener) => () => void;

/** The requests that end at all workers, for whoever follows them at one; and those that end here, for whoever does so elsewhere. */
export class WorkerTails {
  readonly #channel: Channel<ToPrimary, ToWorker>;
  readonly #instance: string;
  readonly #here: Source;
  /** Those followed here. */
  readonly #joined = new Map<string, Tail>();
  /** Those followed elsewhere, with what ends that. */
  readonly #told = new Map<string, () => void>();
  #last = 0;

  /** @param here The requests of this worker. */
  constructor(channel: Channel<ToPrimary, ToWorker>, instance: string, here: Source) {
    this.#channel = channel;
    this.#instance = instance;
    this.#here = here;
    channel.listen((message) => {
      if (message.kind === 'follow') this.#tell(message.tail);
      else if (message.kind === 'unfollow') this.#tellNoMore(message.tail);
      else if (message.kind === 'record') this.#joined.get(message.tail)?.tell(message.record);
    });
    void channel.send({ kind: 'tells' });
  }

  follow(listener: Listener): () => void {
    const tail = `${this.#instance} ${++this.#last}`;
    const joined = new Tail();
    const stop = joined.follow(listener);
    const stopHere = this.#here((record) => joined.tell(record));
    this.#joined.set(tail, joined);
    void this.#channel.send({ kind: 'follow', tail });
    return () => {
      stopHere();
      stop();
      this.#joined.delete(tail);
      void this.#channel.send({ kind: 'unfollow', tail });
    };
  }

  #tell(tail: string): void {
    this.#tellNoMore(tail);
    this.#told.set(
      tail,
      this.#here((record) => this.#channel.send({ kind: 'record', tail, record })),
    );
  }

  #tellNoMore(tail: string): void {
    this.#told.get(tail)?.();
    this.#told.delete(tail);
  }
}
