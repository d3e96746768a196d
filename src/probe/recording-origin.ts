import { createHash } from 'node:crypto';
import type { Clock } from '../engine/clock.ts';
import { EtagereError } from '../errors.ts';
import type { EpochMs, ResponseHead } from '../http/message.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from '../origin/origin.ts';

/** What one answer may take: it may be an event stream, which never ends. */
export const probeLimits = { answerMs: 60_000, contentBytes: 256 * 2 ** 20 } as const;

/** One request to the origin and what came of it. */
export interface OriginVisit {
  /** Steady time. */
  readonly requestTime: EpochMs;
  /** Undefined where no head came. */
  readonly heard: Heard | undefined;
  readonly contentBytes: number;
  /** SHA-256 of the content in hex; undefined where it did not come to its end. */
  readonly digest: string | undefined;
  /** Within what the answer had no end, in words, where it was broken off for that; undefined elsewhere. */
  readonly endless: string | undefined;
  /** Why no answer came, or none that is whole, as a client is told. */
  readonly fault: string | undefined;
  /** Asks for the same once more. Resolves when the answer is complete, or is known not to come. */
  readonly again: () => Promise<OriginVisit>;
}

/** A head as received, and the two clocks as they stood when it came: its age is reckoned by that time, however long the content takes (RFC 9111 §4.2.3). */
export interface Heard {
  readonly head: ResponseHead;
  readonly at: Pick<Clock, 'steady' | 'wall'>;
}

/** An origin that tells what it was asked and what it answered, without holding the content. Breaks off what goes beyond `probeLimits`. */
export class RecordingOrigin implements Origin {
  readonly #origin: Origin;
  readonly #visits: OriginVisit[];
  readonly #clock: Clock;

  /** Adds each request to `visits`. */
  constructor(origin: Origin, visits: OriginVisit[], clock: Clock) {
    this.#origin = origin;
    this.#visits = visits;
    this.#clock = clock;
  }

  get url(): string {
    return this.#origin.url;
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const visit = this.#visit(request, handler);
    this.#visits.push(visit);
    return visit;
  }

  #visit(request: OriginRequest, handler: OriginHandler): RecordedVisit {
    const visit = new RecordedVisit(this.#clock, () => this.#again(request), handler);
    visit.attend(this.#origin.request(request, visit));
    return visit;
  }

  #again(request: OriginRequest): Promise<OriginVisit> {
    return new Promise((resolve) => {
      const settled = (): void => resolve(visit);
      const visit = this.#visit(request, {
        onInterim() {},
        onHead() {},
        onData() {},
        onEnd: settled,
        onError: settled,
      });
    });
  }

  stats(): OriginStats {
    return this.#origin.stats();
  }

  close(): Promise<void> {
    return this.#origin.close();
  }
}

class RecordedVisit implements OriginVisit, OriginHandler, OriginCall {
  readonly requestTime: EpochMs;
  readonly again: OriginVisit['again'];
  heard: Heard | undefined;
  contentBytes = 0;
  digest: string | undefined;
  endless: string | undefined;
  fault: string | undefined;
  readonly #clock: Clock;
  readonly #handler: OriginHandler;
  readonly #hash = createHash('sha256');
  readonly #endDeadline: () => void;
  #call: OriginCall | undefined;

  constructor(clock: Clock, again: OriginVisit['again'], handler: OriginHandler) {
    this.requestTime = clock.steady();
    this.again = again;
    this.#clock = clock;
    this.#handler = handler;
    const { answerMs } = probeLimits;
    this.#endDeadline = clock.schedule(answerMs, () => this.#breakOff(`${answerMs / 1000} s`));
  }

  /** Takes the request in progress. */
  attend(call: OriginCall): void {
    this.#call = call;
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  abort(): void {
    this.#endDeadline();
    this.#call?.abort();
  }

  onInterim(head: ResponseHead): void {
    this.#handler.onInterim(head);
  }

  onHead(head: ResponseHead): void {
    const [steady, wall] = [this.#clock.steady(), this.#clock.wall()];
    this.heard = { head, at: { steady: () => steady, wall: () => wall } };
    this.#handler.onHead(head);
  }

  onData(chunk: Uint8Array): void {
    const { contentBytes } = probeLimits;
    this.contentBytes += chunk.length;
    if (this.contentBytes > contentBytes) {
      this.#breakOff(`${contentBytes / 2 ** 20} MiB`);
      return;
    }
    this.#hash.update(chunk);
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.#endDeadline();
    this.digest = this.#hash.digest('hex');
    this.#handler.onEnd();
  }

  onError(error: EtagereError): void {
    this.#endDeadline();
    this.fault = error.detail;
    this.#handler.onError(error);
  }

  #breakOff(within: string): void {
    this.endless = within;
    this.abort();
    this.#handler.onError(new EtagereError('ORIGIN_RESPONSE_INCOMPLETE', `no end within ${within}`));
  }
}
