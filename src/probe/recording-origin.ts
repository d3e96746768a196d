import { createHash } from 'node:crypto';
import type { EtagereError } from '../errors.ts';
import type { EpochMs, ResponseHead } from '../http/message.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from '../origin/origin.ts';

/** One request to the origin and what came of it. */
export interface OriginVisit {
  readonly request: OriginRequest;
  /** Steady time. */
  readonly requestTime: EpochMs;
  /** As received; undefined where none came. */
  readonly head: ResponseHead | undefined;
  readonly contentBytes: number;
  /** SHA-256 of the content in hex; undefined where it did not come to its end. */
  readonly digest: string | undefined;
  readonly error: EtagereError | undefined;
  /** Asks for the same once more. Resolves when the answer is complete, or is known not to come. */
  readonly again: () => Promise<OriginVisit>;
}

/** An origin that tells what it was asked and what it answered, without holding the content. */
export class RecordingOrigin implements Origin {
  readonly #origin: Origin;
  readonly #visits: OriginVisit[];
  readonly #steady: () => EpochMs;

  /** Adds each request to `visits`. */
  constructor(origin: Origin, visits: OriginVisit[], steady: () => EpochMs) {
    this.#origin = origin;
    this.#visits = visits;
    this.#steady = steady;
  }

  get url(): string {
    return this.#origin.url;
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const again = (): Promise<OriginVisit> => this.#again(request);
    const visit = new RecordedVisit(request, { requestTime: this.#steady(), again }, handler);
    this.#visits.push(visit);
    return this.#origin.request(request, visit);
  }

  #again(request: OriginRequest): Promise<OriginVisit> {
    return new Promise((resolve) => {
      const settled = (): void => resolve(visit);
      const again = (): Promise<OriginVisit> => this.#again(request);
      const visit = new RecordedVisit(
        request,
        { requestTime: this.#steady(), again },
        { onInterim() {}, onHead() {}, onData() {}, onEnd: settled, onError: settled },
      );
      this.#origin.request(request, visit);
    });
  }

  stats(): OriginStats {
    return this.#origin.stats();
  }

  close(): Promise<void> {
    return this.#origin.close();
  }
}

class RecordedVisit implements OriginVisit, OriginHandler {
  readonly request: OriginRequest;
  readonly requestTime: EpochMs;
  readonly again: OriginVisit['again'];
  head: ResponseHead | undefined;
  contentBytes = 0;
  digest: string | undefined;
  error: EtagereError | undefined;
  readonly #handler: OriginHandler;
  readonly #hash = createHash('sha256');

  constructor(
    request: OriginRequest,
    { requestTime, again }: Pick<OriginVisit, 'requestTime' | 'again'>,
    handler: OriginHandler,
  ) {
    this.request = request;
    this.requestTime = requestTime;
    this.again = again;
    this.#handler = handler;
  }

  onInterim(head: ResponseHead): void {
    this.#handler.onInterim(head);
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    this.#handler.onHead(head);
  }

  onData(chunk: Uint8Array): void {
    this.contentBytes += chunk.length;
    this.#hash.update(chunk);
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.digest = this.#hash.digest('hex');
    this.#handler.onEnd();
  }

  onError(error: EtagereError): void {
    this.error = error;
    this.#handler.onError(error);
  }
}
