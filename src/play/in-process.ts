import { Readable } from 'node:stream';
import type { Clock } from '../engine/clock.ts';
import type { Exchange, RequestHandler, ResponseSink, SinkListener } from '../engine/exchange.ts';
import { fieldValue } from '../http/fields.ts';
import { hasContent, type RequestHead, type ResponseHead } from '../http/message.ts';
import type { Origin } from '../origin/origin.ts';
import { ClientRecord } from './client-record.ts';
import type { FixtureOptions } from './fixture.ts';
import { ManualClock } from './manual-clock.ts';
import { ScriptedOrigin } from './scripted-origin.ts';
import type { ClientExchange, ClientRequest, Transport, TransportSource } from './transport.ts';

/** What a cache needs to run inside a fixture. */
export interface Surroundings {
  readonly origin: Origin;
  readonly clock: Clock;
  readonly options: FixtureOptions;
}

/** Joins an engine that has nothing stored with its surroundings; called once for each fixture. */
export type Assemble = (surroundings: Surroundings) => RequestHandler;

/** Plays fixtures on an engine in this process: no sockets, and no time but the fixture's. */
export function inProcess(assemble: Assemble): TransportSource {
  return {
    speaksAsEtagere: true,
    originHasClock: false,
    ageSlack: 0,
    open: (options) => Promise.resolve(new InProcessTransport(assemble, options)),
  };
}

/** Noon on a day without meaning: every run sees the same dates. */
export const fixtureEpoch = Date.UTC(2026, 0, 15, 12);

class InProcessTransport implements Transport {
  readonly #clock = new ManualClock(fixtureEpoch);
  readonly #origin: ScriptedOrigin;
  readonly #handler: RequestHandler;
  #movements = 0;

  constructor(assemble: Assemble, options: FixtureOptions) {
    this.#origin = new ScriptedOrigin(() => this.#moved());
    this.#handler = assemble({ origin: this.#origin, clock: this.#clock, options });
  }

  get arrivals(): Transport['arrivals'] {
    return this.#origin.arrivals;
  }

  now(): number {
    return this.#clock.wall();
  }

  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms, () => this.settle());
  }

  jump(ms: number): void {
    this.#clock.jump(ms);
  }

  send(request: ClientRequest): ClientExchange {
    const sink = new RecordingSink(request.method, () => this.#moved());
    this.#handler.handle(exchangeOf(request, sink));
    return sink.record;
  }

  acceptConnections(accept: boolean): Promise<void> {
    this.#origin.accepts = accept;
    return Promise.resolve();
  }

  /** Lets everything run that runs by itself, until nothing has moved for a few rounds of the event loop. */
  async settle(): Promise<void> {
    for (let round = 0, quiet = 0; quiet < quietRounds && round < maxRounds; round++) {
      const before = this.#movements;
      await eventLoopRound();
      quiet = this.#movements === before ? quiet + 1 : 0;
    }
  }

  async until(condition: () => boolean): Promise<boolean> {
    await this.settle();
    return condition();
  }

  async close(): Promise<void> {
    this.#origin.abandon();
    await this.settle();
  }

  #moved(): void {
    this.#movements += 1;
  }
}

/** A stream takes a few rounds from one end to the other; whatever moves starts the count again. */
const quietRounds = 4;
const maxRounds = 10_000;

function eventLoopRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The exchange as a listener would hand it over: authority taken from Host, everything else as it came. */
function exchangeOf(request: ClientRequest, sink: ResponseSink): Exchange {
  const head: RequestHead = {
    method: request.method,
    scheme: 'http',
    authority: fieldValue(request.fields, 'host')?.toLowerCase() ?? '',
    target: request.target,
    version: '1.1',
    fields: request.fields,
  };
  const content = request.content === null ? null : Readable.from([Buffer.from(request.content)]);
  return { request: head, content, client: { address: '127.0.0.1' }, sink };
}

/** A client that reads at once whatever it is sent. */
class RecordingSink implements ResponseSink {
  readonly record: ClientRecord;
  readonly #method: string;
  readonly #moved: () => void;
  #listener: SinkListener | undefined;

  constructor(method: string, moved: () => void) {
    this.#method = method;
    this.#moved = moved;
    this.record = new ClientRecord(() => this.#listener?.onClose());
  }

  interim(head: ResponseHead): void {
    this.#whileOpen(() => this.record.interims.push(head));
  }

  head(head: ResponseHead): void {
    this.#whileOpen(() => {
      this.record.head = head;
    });
  }

  write(chunk: Uint8Array): boolean {
    this.#whileOpen(() => this.record.receive(chunk));
    return true;
  }

  end(): void {
    this.#whileOpen(() => {
      this.record.end = this.#isWhole() ? 'complete' : 'aborted';
    });
  }

  abort(): void {
    this.#whileOpen(() => {
      this.record.end = 'aborted';
    });
  }

  listen(listener: SinkListener): void {
    this.#listener = listener;
  }

  #whileOpen(happens: () => void): void {
    if (this.record.end !== 'open') return;
    happens();
    this.#moved();
  }

  /** On a connection, content that is not as long as announced has no good end (RFC 9112 §8). */
  #isWhole(): boolean {
    const { head, contentLength } = this.record;
    if (head === undefined) return false;
    if (!hasContent(this.#method, head.status)) return contentLength === 0;
    const announced = fieldValue(head.fields, 'content-length');
    return announced === undefined || Number(announced) === contentLength;
  }
}
