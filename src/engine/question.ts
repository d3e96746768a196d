import type { EtagereError } from '../errors.ts';
import type { EpochMs, ResponseHead } from '../http/message.ts';
import type { OriginCall } from '../origin/origin.ts';
import type { Update } from '../policy/freshen.ts';
import type { Answer } from './answer.ts';
import { aboutOf, type FillParts, type FillPlan, type Purpose } from './plan.ts';
import { received } from './received.ts';
import { originRequest } from './request.ts';
import { type AskingHandler, askOrigin } from './tracing.ts';

/** What a fill asks of the origin: once, or once more without what it was about, where the answer was about something else. */
export class Question {
  readonly #plan: FillPlan;
  readonly #parts: FillParts;
  readonly #handler: AskingHandler;
  #purpose: Purpose;
  #call: OriginCall | undefined;
  #askedAt: EpochMs = 0;

  constructor(plan: FillPlan, parts: FillParts, handler: AskingHandler) {
    this.#plan = plan;
    this.#parts = parts;
    this.#handler = handler;
    this.#purpose = plan.purpose;
  }

  get purpose(): Purpose {
    return this.#purpose;
  }

  /** @param leader Whose request it is; nobody's where it is in the background. */
  ask(leader: Answer | undefined): void {
    this.#askedAt = this.#parts.clock.steady();
    const request = originRequest(this.#plan, aboutOf(this.#purpose), this.#parts);
    const asked = { request, purpose: this.#purpose.kind, parent: leader?.trace, startedAt: this.#askedAt };
    this.#call = askOrigin(this.#parts.origin, asked, this.#handler);
  }

  /** The same request, as the client made it. */
  askPlainly(leader: Answer | undefined): void {
    this.#call?.abort();
    this.#purpose = { kind: 'fetch-whole' };
    this.ask(leader);
  }

  /** A final head came: returns it as it is judged. */
  answered(head: ResponseHead): Update {
    const update = received(this.#plan.request, head, this.#askedAt, this.#parts.clock);
    const headMs = update.times.responseTime - this.#askedAt;
    this.#parts.events.originAnswered({ route: this.#plan.route, status: head.status, headMs });
    return update;
  }

  /** No head came. */
  unanswered({ code: error }: EtagereError): void {
    const { clock, events } = this.#parts;
    events.originAnswered({ route: this.#plan.route, status: 0, error, headMs: clock.steady() - this.#askedAt });
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  abort(fault?: EtagereError): void {
    this.#call?.abort(fault);
  }
}
