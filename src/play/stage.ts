import type { EpochMs } from '../http/message.ts';
import type { Comparing } from './expect.ts';
import type { Fixture, Instants } from './fixture.ts';
import type { Transport, TransportSource } from './transport.ts';

/** What both sides of a fixture share while it is played. */
export class Stage {
  readonly transport: Transport;
  /** Whether final responses of the origin have a Date that the fixture does not mention. */
  readonly saysDate: boolean;
  readonly #start: EpochMs;
  readonly #source: TransportSource;

  constructor(transport: Transport, source: TransportSource, fixture: Fixture) {
    this.transport = transport;
    this.saysDate = source.originHasClock && !speaksOfDate(fixture);
    this.#start = transport.now();
    this.#source = source;
  }

  instants(): Instants {
    return { start: this.#start, now: this.transport.now() };
  }

  comparing(): Comparing {
    const { speaksAsEtagere, ageSlack } = this.#source;
    return { instants: this.instants(), statusFields: speaksAsEtagere, ageSlack };
  }
}

/** Whether any line of a fixture, said or expected, is about Date. */
function speaksOfDate({ steps }: Fixture): boolean {
  return steps.some((step) => {
    const said = 'fields' in step ? step.fields : [];
    const expected = 'expectations' in step ? step.expectations : [];
    return [...said, ...expected].some((line) => 'name' in line && line.name === 'date');
  });
}
