import { assertNever } from '../http/message.ts';
import { ClientSide } from './client-side.ts';
import type { Mismatch } from './expect.ts';
import type { Fixture, Step } from './fixture.ts';
import { OriginSide } from './origin-side.ts';
import { Stage } from './stage.ts';
import type { Transport, TransportSource } from './transport.ts';

/** How a fixture ended. */
export type PlayResult =
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  /** The cache went another way, as it may, before the claim could be looked at to its end. */
  | { readonly outcome: 'not reached'; readonly failure: Failure }
  /** The transport can't do what a step asks, like moving the clock of a cache that is somewhere else. */
  | { readonly outcome: 'skipped'; readonly step: Step };

/** The first thing that was not as the fixture says. */
export interface Failure extends Mismatch {
  /** Of the step in its file. */
  readonly line: number;
  /** The step as written. */
  readonly step: string;
}

/** `fixtures/a.cache:12: client receives 200: expected …, got …`. */
export function failureText(fixture: Fixture, failure: Failure): string {
  return `${fixture.file}:${failure.line}: ${failure.step}: expected ${failure.expected}, got ${failure.got}`;
}

/** Plays one fixture against a cache that has nothing stored, up to the first thing that is not as it says. */
export async function playFixture(fixture: Fixture, source: TransportSource): Promise<PlayResult> {
  const transport = await source.open(fixture.options);
  const play = new Play(fixture, transport, source);
  try {
    return await play.run();
  } finally {
    play.origin.answerUnclaimed();
    await transport.close();
  }
}

/** What is looked at when all steps were played. */
interface End {
  readonly kind: 'end';
  readonly line: number;
  readonly text: string;
}

const theEnd = 'the end of the fixture';

class Play {
  readonly origin: OriginSide;
  readonly #fixture: Fixture;
  readonly #client: ClientSide;
  readonly #transport: Transport;
  #elapsedMs = 0;
  /** Whether a failure from here on is about the claim. */
  #claiming: boolean;

  constructor(fixture: Fixture, transport: Transport, source: TransportSource) {
    const stage = new Stage(transport, source, fixture);
    this.#fixture = fixture;
    this.#claiming = fixture.steps.every(({ kind }) => kind !== 'claim');
    this.#transport = transport;
    this.#client = new ClientSide(stage);
    this.origin = new OriginSide(stage);
  }

  async run(): Promise<PlayResult> {
    for (const step of this.#fixture.steps) {
      const mismatch = await this.#play(step);
      if (mismatch === 'impossible') return { outcome: 'skipped', step };
      if (mismatch !== undefined) return this.#failed(step, mismatch);
    }
    await this.#transport.settle();
    const line = this.#fixture.steps.at(-1)?.line ?? 0;
    const unclaimed = this.origin.unclaimedMismatch();
    if (unclaimed !== undefined) return this.#failed({ kind: 'end', line, text: theEnd }, unclaimed);
    const unfinished = await this.#client.finish();
    if (unfinished !== undefined) return this.#failed({ kind: 'end', line: unfinished.line, text: theEnd }, unfinished);
    return { outcome: 'passed' };
  }

  async #play(step: Step): Promise<Mismatch | 'impossible' | undefined> {
    if ('client' in step) return this.#client.play(step);
    if ('request' in step) return this.origin.play(step);
    switch (step.kind) {
      case 'at':
        await this.#transport.advance(step.atMs - this.#elapsedMs);
        this.#elapsedMs = step.atMs;
        await this.#transport.settle();
        return undefined;
      case 'clock-jumps':
        if (this.#transport.jump === undefined) return 'impossible';
        this.#transport.jump(step.byMs);
        return undefined;
      case 'claim':
        this.#claiming = true;
        return undefined;
      case 'origin-silent':
        await this.#transport.settle();
        return this.origin.unclaimedMismatch();
      case 'origin-refuses':
      case 'origin-listens':
        await this.#transport.acceptConnections(step.kind === 'origin-listens');
        return undefined;
      default:
        return assertNever(step);
    }
  }

  /** A failure, with what else there is at this moment: mostly the cause is there. */
  #failed(step: Step | End, mismatch: Mismatch): PlayResult {
    const outcome = this.#claiming && !this.#asksMore(step) ? 'failed' : 'not reached';
    const asked = this.origin.unclaimedMismatch()?.got;
    const elsewhere = [
      this.#client.summary(mismatch.got),
      asked === undefined || mismatch.got.includes(asked) ? '' : `origin has ${asked}`,
    ].filter((text) => text !== '');
    const got = elsewhere.length === 0 ? mismatch.got : `${mismatch.got} (${elsewhere.join('; ')})`;
    return { outcome, failure: { line: step.line, step: step.text, expected: mismatch.expected, got } };
  }

  /**
   * Whether a step of a required fixture failed only because the cache asked the origin where it need not: no MUST keeps it from that, unless the step
   * says so.
   */
  #asksMore(step: Step | End): boolean {
    if (this.#fixture.kind !== 'required' || this.origin.unclaimedMismatch() === undefined) return false;
    if ('client' in step) return this.#client.isWaiting(step.client);
    if (step.kind === 'origin-silent') return !step.must;
    return step.kind === 'origin-receives' || step.kind === 'end';
  }
}
