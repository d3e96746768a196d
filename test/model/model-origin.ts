import { type Fields, eachField, fieldsOf } from '../../src/http/fields.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from '../../src/origin/origin.ts';
import { ScriptedOrigin } from '../../src/play/scripted-origin.ts';
import { type Asked, causeField, headFieldPrefix, type SentHead } from './journal.ts';
import { answerOf, validatorsOf } from './origin-answers.ts';
import type { Sayings } from './sayings.ts';
import { type Script, targets, urlOf } from './sequence.ts';

type Arrival = ScriptedOrigin['arrivals'][number];

/** How long the proxy waits for a head, and for more content, as the adapter to a real origin does. */
export const patienceMs = 30_000;

/** The origin as one instance reaches it. */
export class ModelOrigin implements Origin {
  readonly url = 'http://origin.test';
  readonly #scripted: ScriptedOrigin;
  readonly #sayings: Sayings;
  /** As they came, beside the arrivals. */
  readonly #asked: Asked[] = [];
  #answered = 0;

  constructor(sayings: Sayings, moved: () => void) {
    this.#sayings = sayings;
    this.#scripted = new ScriptedOrigin(moved);
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const { journal, clock } = this.#sayings;
    const fields = named(request.fields);
    const url = urlAsked(request.target, fields);
    const isRefused = this.#sayings.scriptOf(url)?.fault === 'refused';
    const asked = {
      cause: Number(fields.get(causeField)),
      method: request.method,
      url,
      at: journal.next(),
      time: clock.steady(),
    };
    journal.asked.push(asked);
    if (!isRefused) this.#asked.push(asked);
    this.#scripted.accepts = !isRefused;
    if (isRefused) journal.failures.push({ url, at: journal.next() });
    return this.#scripted.request(request, {
      onInterim: (head) => handler.onInterim(head),
      onHead: (head) => handler.onHead(head),
      onData: (chunk) => handler.onData(chunk),
      onEnd: () => handler.onEnd(),
      onError: this.#failing(url, handler),
    });
  }

  /** Answers what has come since, each as it is said for its target. */
  answerNew(): void {
    for (; this.#answered < this.#scripted.arrivals.length; this.#answered++) {
      const arrival = this.#scripted.arrivals[this.#answered];
      const asked = this.#asked[this.#answered];
      if (arrival !== undefined && asked !== undefined) this.#answer(arrival, asked);
    }
  }

  get open(): number {
    return this.#scripted.stats().active;
  }

  stats(): OriginStats {
    return this.#scripted.stats();
  }

  close(): Promise<void> {
    return this.#scripted.close();
  }

  #failing(url: string, handler: OriginHandler): OriginHandler['onError'] {
    const { journal } = this.#sayings;
    return (error) => {
      journal.failures.push({ url, at: journal.next() });
      handler.onError(error);
    };
  }

  #answer(arrival: Arrival, asked: Asked): void {
    const sayings = this.#sayings;
    const { url } = asked;
    const script = sayings.scriptOf(url);
    if (script === undefined) throw new Error(`nobody says what ${url} is answered`);
    if (script.fault === 'broken') {
      arrival.breakOff();
      return;
    }
    const { head, content } = this.#headFor(arrival, asked, script);
    const send = (): void => this.#send(arrival, head);
    const middle = Math.ceil(content.length / 2);
    const rest = (): void => {
      arrival.write(content.subarray(middle));
      arrival.end();
    };
    if (script.fault === 'holds-head') {
      this.#hold(arrival, () => {
        send();
        arrival.write(content.subarray(0, middle));
        rest();
      });
      return;
    }
    send();
    arrival.write(content.subarray(0, middle));
    if (script.fault === 'truncated' && content.length > 0) arrival.breakOff();
    else if (script.fault === 'holds-content' && content.length > 0) this.#hold(arrival, rest);
    else rest();
  }

  /** Nobody waits for ever: what is held is given up after a while, as by the adapter to a real origin. */
  #hold(arrival: Arrival, goOn: () => void): void {
    const held = { arrival, goOn };
    this.#sayings.held.push(held);
    this.#sayings.clock.schedule(patienceMs, () => {
      const at = this.#sayings.held.indexOf(held);
      if (at === -1) return;
      this.#sayings.held.splice(at, 1);
      arrival.timeOut();
    });
  }

  #send(arrival: Arrival, head: SentHead): void {
    const { clock, journal } = this.#sayings;
    head.sent = { at: journal.next(), time: clock.steady(), wallTime: clock.wall() };
    if (head.status >= 500) journal.failures.push({ url: head.url, at: journal.next() });
    arrival.head({ status: head.status, fields: fieldsOf(...head.fields) });
  }

  #headFor(arrival: Arrival, asked: Asked, script: Script): { readonly head: SentHead; readonly content: Buffer } {
    const { journal, clock } = this.#sayings;
    const { url, cause } = asked;
    const request = named(arrival.fields);
    const isUnsafe = arrival.method === 'POST' || arrival.method === 'DELETE';
    if (isUnsafe && script.status < 400) this.#sayings.change(url);
    const identity = this.#sayings.identityOf(url, script, request);
    const whole = this.#sayings.contentOf(identity);
    const { status, content, fields } = isUnsafe
      ? { status: script.status, content: Buffer.alloc(0), fields: new Map<string, string>() }
      : answerOf(script, request, whole, validatorsOf(script, identity, this.#sayings.numberOf(identity)));
    const number = journal.heads.size + 1;
    const head: SentHead = {
      number,
      cause,
      url,
      method: arrival.method,
      requestFields: request,
      status,
      fields: new Map([...fields, ...commonFields(script, clock.wall()), [`${headFieldPrefix}${number}`, '1']]),
      identity,
      askedAt: asked.at,
      requestTime: asked.time,
      sent: undefined,
    };
    journal.heads.set(number, head);
    return { head, content: arrival.method === 'HEAD' ? Buffer.alloc(0) : content };
  }
}

function commonFields(script: Script, now: number): ReadonlyMap<string, string> {
  const { control, expires, age, vary, setsCookie, tag } = script;
  const fields = new Map([['date', new Date(now).toUTCString()]]);
  if (control !== '') fields.set('cache-control', control);
  if (expires !== undefined) fields.set('expires', new Date(now + expires * 1_000).toUTCString());
  if (age !== undefined) fields.set('age', String(age));
  if (vary !== '') fields.set('vary', vary);
  if (setsCookie) fields.set('set-cookie', 'session=1');
  if (tag !== undefined) fields.set('surrogate-key', tag);
  return fields;
}

function named(fields: Fields): ReadonlyMap<string, string> {
  return new Map(eachField(fields));
}

function urlAsked(target: string, fields: ReadonlyMap<string, string>): string {
  const url = urlOf({ authority: fields.get('host') ?? '', target });
  if (!targets.some((each) => urlOf(each) === url)) throw new Error(`the origin was asked for ${url}`);
  return url;
}
