import { fieldsOf, fieldValue, hasField, withLine } from '../http/fields.ts';
import { assertNever } from '../http/message.ts';
import { contentMismatch, contentText, firstMismatch, type Mismatch } from './expect.ts';
import type { ClientStep, Expectation, Name, WantedStatus } from './fixture.ts';
import type { Stage } from './stage.ts';
import type { ClientExchange } from './transport.ts';
import { bodyBytes, valueText } from './written.ts';

/** The authority that a request asks for when the fixture names none. */
export const defaultHost = 'shelf.test';

interface Part {
  readonly line: number;
  readonly exchange: ClientExchange;
  interimsSeen: number;
  /** A step has said what becomes of the answer. */
  judged: 'no' | 'response' | 'abort' | 'left';
}

/** The clients of a fixture: what they send, and whether they see what they must. */
export class ClientSide {
  readonly #stage: Stage;
  readonly #parts = new Map<Name, Part>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async play(step: ClientStep & { readonly line: number }): Promise<Mismatch | undefined> {
    if (step.kind === 'client-sends') return this.#send(step);
    const part = this.#parts.get(step.client);
    if (part === undefined) return { expected: `an earlier step "${said(step.client)} sends …"`, got: 'none' };
    const { exchange } = part;
    const { transport } = this.#stage;
    switch (step.kind) {
      case 'client-receives':
        return this.#receive(part, step.status, step.expectations);
      case 'client-receives-interim':
        return this.#receiveInterim(part, step.status, step.expectations);
      case 'client-has-body': {
        const wanted = bodyBytes(step.body);
        await transport.until(() => exchange.content.length >= wanted.length);
        await transport.settle();
        return contentMismatch(wanted, exchange.content);
      }
      case 'client-is-waiting':
        await transport.settle();
        return waits(exchange) ? undefined : { expected: 'no response yet', got: stateOf(exchange) };
      case 'client-is-complete':
        return this.#endsAs(part, 'complete');
      case 'client-is-aborted':
        return this.#endsAs(part, 'aborted');
      case 'client-leaves':
        part.judged = 'left';
        exchange.leave();
        await transport.settle();
        return undefined;
      default:
        return assertNever(step);
    }
  }

  /** Whether, at the end of the fixture, every answer was looked at and had its end. */
  async finish(): Promise<(Mismatch & { readonly line: number }) | undefined> {
    for (const [client, part] of this.#parts) {
      await this.#stage.transport.until(() => part.judged === 'left' || part.exchange.end !== 'open');
      const mismatch = unfinished(client, part);
      if (mismatch !== undefined) return { line: part.line, ...mismatch };
    }
    return undefined;
  }

  /** Whether nothing of the answer to that client has arrived yet. */
  isWaiting(client: Name): boolean {
    const part = this.#parts.get(client);
    return part !== undefined && waits(part.exchange);
  }

  /** Each client in a few words, for the message of a failure that does not say so itself. */
  summary(got: string): string {
    return [...this.#parts]
      .map(([client, { exchange }]) => [said(client), stateOf(exchange)] as const)
      .filter(([, state]) => !got.includes(state))
      .map(([client, state]) => `${client} has ${state}`)
      .join(', ');
  }

  async #send(
    step: ClientStep & { readonly kind: 'client-sends'; readonly line: number },
  ): Promise<Mismatch | undefined> {
    const earlier = this.#parts.get(step.client);
    if (earlier !== undefined) await this.#stage.transport.until(() => earlier.exchange.end !== 'open');
    const mismatch = earlier === undefined ? undefined : unfinished(step.client, earlier);
    if (mismatch !== undefined) return mismatch;
    const instants = this.#stage.instants();
    let fields = fieldsOf(...step.fields.map(({ name, value }) => [name, valueText(value, instants)] as const));
    if (!hasField(fields, 'host')) fields = withLine(fields, 'host', defaultHost);
    const content = step.body === undefined ? null : bodyBytes(step.body);
    if (content !== null && !hasField(fields, 'content-length')) {
      fields = withLine(fields, 'content-length', String(content.length));
    }
    const exchange = this.#stage.transport.send({ method: step.method, target: step.target, fields, content });
    this.#parts.set(step.client, { line: step.line, exchange, interimsSeen: 0, judged: 'no' });
    await this.#stage.transport.settle();
    return undefined;
  }

  async #receive(
    part: Part,
    status: WantedStatus,
    expectations: readonly Expectation[],
  ): Promise<Mismatch | undefined> {
    const { exchange } = part;
    const { transport } = this.#stage;
    await transport.until(() => !waits(exchange));
    const { head } = exchange;
    if (head === undefined || !isAsWanted(head.status, status))
      return { expected: `status ${status}`, got: stateOf(exchange) };
    part.judged = 'response';
    if (expectations.some((expectation) => expectation.kind === 'body')) {
      await transport.until(() => exchange.end !== 'open');
      if (exchange.end !== 'complete') return { expected: 'complete content', got: stateOf(exchange) };
    }
    return firstMismatch(expectations, { fields: head.fields, content: exchange.content }, this.#stage.comparing());
  }

  async #receiveInterim(
    part: Part,
    status: number,
    expectations: readonly Expectation[],
  ): Promise<Mismatch | undefined> {
    const { exchange } = part;
    await this.#stage.transport.until(() => exchange.interims.length > part.interimsSeen || exchange.end !== 'open');
    const interim = exchange.interims[part.interimsSeen];
    if (interim?.status !== status) {
      return {
        expected: `interim status ${status}`,
        got: interim === undefined ? stateOf(exchange) : `interim status ${interim.status}`,
      };
    }
    part.interimsSeen += 1;
    return firstMismatch(expectations, { fields: interim.fields, content: new Uint8Array() }, this.#stage.comparing());
  }

  async #endsAs(part: Part, end: 'complete' | 'aborted'): Promise<Mismatch | undefined> {
    await this.#stage.transport.until(() => part.exchange.end !== 'open');
    if (end === 'aborted') part.judged = 'abort';
    return part.exchange.end === end
      ? undefined
      : { expected: `a response that is ${end}`, got: stateOf(part.exchange) };
  }
}

function isAsWanted(status: number, wanted: WantedStatus): boolean {
  return wanted.endsWith('xx') ? Math.floor(status / 100) === Number(wanted[0]) : status === Number(wanted);
}

function waits(exchange: ClientExchange): boolean {
  return exchange.head === undefined && exchange.end === 'open';
}

function unfinished(client: Name, { exchange, judged }: Part): Mismatch | undefined {
  if (judged === 'left' || (judged === 'abort' && exchange.end === 'aborted')) return undefined;
  if (judged === 'no') return { expected: `a step "${said(client)} receives …" or "… leaves"`, got: 'none' };
  return exchange.end === 'complete'
    ? undefined
    : { expected: `an answer to ${said(client)} that ends`, got: stateOf(exchange) };
}

/** How far an exchange has come, in words. */
function stateOf({ head, content, end }: ClientExchange): string {
  if (head === undefined) return end === 'open' ? 'no response' : 'a connection closed without a response';
  const cacheStatus = fieldValue(head.fields, 'cache-status');
  const because = cacheStatus === undefined ? '' : ` (cache-status: ${cacheStatus})`;
  const ending = end === 'open' ? ', not ended' : end === 'aborted' ? ', aborted' : '';
  return `status ${head.status}${because} with body ${contentText(content)}${ending}`;
}

function said(client: Name): string {
  return client === '' ? 'client' : `client ${client}`;
}
