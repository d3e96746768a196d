import { formatHttpDate } from '../http/date.ts';
import { fieldsOf, hasField, withLine } from '../http/fields.ts';
import { assertNever, hasContent, type ResponseHead } from '../http/message.ts';
import { answerWithCanary } from './canary.ts';
import { firstMismatch, type Mismatch } from './expect.ts';
import type { Expectation, Message, Name, OriginStep } from './fixture.ts';
import type { Stage } from './stage.ts';
import type { OriginExchange } from './transport.ts';
import { bodyBytes, valueText } from './written.ts';

interface Claim {
  readonly exchange: OriginExchange;
  sent: 'nothing' | 'head' | 'end';
}

/** The steps that a request passes through on its way; a step out of order is the fixture's fault. */
const neededState: Readonly<Partial<Record<OriginStep['kind'], Claim['sent']>>> = {
  'origin-answers': 'nothing',
  'origin-sends-interim': 'nothing',
  'origin-sends-head': 'nothing',
  'origin-sends-body': 'head',
  'origin-ends': 'head',
};

/** The origin of a fixture: it claims the requests that arrive, one by one, and answers as told. */
export class OriginSide {
  readonly #stage: Stage;
  readonly #claims = new Map<Name, Claim>();
  readonly #claimed = new Set<OriginExchange>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async play(step: OriginStep): Promise<Mismatch | 'impossible' | undefined> {
    if (step.kind === 'origin-receives')
      return this.#receive(step.request, step.method, step.target, step.expectations);
    const claim = this.#claims.get(step.request);
    if (claim === undefined) return { expected: `an earlier step "${said(step.request)} receives …"`, got: 'none' };
    if (step.kind === 'origin-is-aborted') {
      const aborted = await this.#stage.transport.until(() => claim.exchange.withdrawn);
      claim.sent = 'end';
      return aborted ? undefined : { expected: 'a request that the cache gave up', got: 'one that it still waits for' };
    }
    const needed = neededState[step.kind];
    if (claim.exchange.withdrawn)
      return { expected: 'a cache that waits for the answer', got: 'a request that it gave up' };
    if (claim.sent === 'end' || (needed !== undefined && needed !== claim.sent)) {
      return { expected: 'an answer that may go on like this', got: `one of which ${claim.sent} was sent` };
    }
    const possible = this.#perform(step, claim);
    await this.#stage.transport.settle();
    return possible ? undefined : 'impossible';
  }

  /** Whether every request that arrived was taken by a step. */
  unclaimedMismatch(): Mismatch | undefined {
    const unclaimed = this.#unclaimed();
    if (unclaimed.length === 0) return undefined;
    return { expected: 'no request at the origin', got: unclaimed.map(requestText).join(' and ') };
  }

  /** Answers what no step took, so that a cache elsewhere is not left waiting. */
  answerUnclaimed(): void {
    for (const exchange of this.#unclaimed()) {
      if (!exchange.withdrawn) answerWithCanary(exchange);
    }
  }

  #unclaimed(): OriginExchange[] {
    return this.#stage.transport.arrivals.filter((arrival) => !this.#claimed.has(arrival));
  }

  async #receive(
    request: Name,
    method: string,
    target: string,
    expectations: readonly Expectation[],
  ): Promise<Mismatch | undefined> {
    const { transport } = this.#stage;
    const find = (): OriginExchange | undefined =>
      this.#unclaimed().find((arrival) => arrival.method === method && arrival.target === target);
    await transport.until(() => find() !== undefined);
    const exchange = find();
    if (exchange === undefined) return { expected: `${method} ${target} at the origin`, got: this.#unclaimedText() };
    this.#claimed.add(exchange);
    this.#claims.set(request, { exchange, sent: 'nothing' });
    if (expectations.some((expectation) => expectation.kind === 'body')) await transport.until(() => exchange.received);
    return firstMismatch(expectations, exchange, this.#stage.comparing());
  }

  #unclaimedText(): string {
    const unclaimed = this.#unclaimed();
    return unclaimed.length === 0 ? 'nothing' : unclaimed.map(requestText).join(' and ');
  }

  /** False where the transport can't do that. */
  #perform(step: Exclude<OriginStep, { kind: 'origin-receives' | 'origin-is-aborted' }>, claim: Claim): boolean {
    const { exchange } = claim;
    switch (step.kind) {
      case 'origin-answers':
        this.#answer(exchange, step.status, step);
        claim.sent = 'end';
        return true;
      case 'origin-sends-interim':
        exchange.interim(this.#head(step.status, step));
        return true;
      case 'origin-sends-head':
        exchange.head(this.#head(step.status, step));
        claim.sent = 'head';
        return true;
      case 'origin-sends-body':
        exchange.write(bodyBytes(step.body));
        return true;
      case 'origin-ends':
        exchange.end();
        claim.sent = 'end';
        return true;
      case 'origin-breaks':
        exchange.breakOff();
        claim.sent = 'end';
        return true;
      case 'origin-times-out':
        exchange.timeOut?.();
        claim.sent = 'end';
        return exchange.timeOut !== undefined;
      default:
        return assertNever(step);
    }
  }

  #head(status: number, message: Message): ResponseHead {
    const instants = this.#stage.instants();
    const lines = message.fields.map(({ name, value }) => [name, valueText(value, instants)] as const);
    const fields = fieldsOf(...lines);
    if (status < 200 || !this.#stage.saysDate) return { status, fields };
    return { status, fields: withLine(fields, 'date', formatHttpDate(instants.now)) };
  }

  /** A whole answer says how long it is, as servers do (RFC 9110 §8.6); an answer in pieces says so only if the fixture does. */
  #answer(exchange: OriginExchange, status: number, message: Message): void {
    const content = message.body === undefined ? new Uint8Array() : bodyBytes(message.body);
    let head = this.#head(status, message);
    const carriesContent = hasContent(exchange.method, status);
    if (carriesContent && !hasField(head.fields, 'content-length')) {
      head = { status, fields: withLine(head.fields, 'content-length', String(content.length)) };
    }
    exchange.head(head);
    if (carriesContent && content.length > 0) exchange.write(content);
    exchange.end();
  }
}

function requestText({ method, target }: OriginExchange): string {
  return `${method} ${target}`;
}

function said(request: Name): string {
  return request === '' ? 'origin' : `origin ${request}`;
}
