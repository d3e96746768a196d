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

class Play {
  readonly origin: OriginSide;
  readonly #fixture: Fixture;
  readonly #client: ClientSide;
  readonly #transport: Transport;
  #elapsedMs = 0;

  constructor(fixture: Fixture, transport: Transport, source: TransportSource) {
    const stage = new Stage(transport, source, fixture);
    this.#fixture = fixture;
    this.#transport = transport;
    this.#client = new ClientSide(stage);
    this.origin = new OriginSide(stage);
  }

  async run(): Promise<PlayResult> {
    for (const step of this.#fixture.steps) {
      const mismatch = await this.#play(step);
      if (mismatch === 'impossible') return { outcome: 'skipped', step };
      if (mismatch !== undefined) return this.#failed(step.line, step.text, mismatch);
    }
    await this.#transport.settle();
    const last = this.#fixture.steps.at(-1);
    const unclaimed = this.origin.unclaimedMismatch();
    if (unclaimed !== undefined) return this.#failed(last?.line ?? 0, 'the end of the fixture', unclaimed);
    const unfinished = await this.#client.finish();
    if (unfinished !== undefined) return this.#failed(unfinished.line, 'the end of the fixture', unfinished);
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

  /** A failure, with what the other side has at this moment: mostly the cause is there. */
  #failed(line: number, step: string, mismatch: Mismatch): PlayResult {
    const elsewhere = [this.#client.summary(), this.origin.unclaimedMismatch()?.got]
      .filter(Boolean)
      .join('; origin has ');
    const got = elsewhere === '' ? mismatch.got : `${mismatch.got} (${elsewhere})`;
    return { outcome: 'failed', failure: { line, step, expected: mismatch.expected, got } };
  }
}
