import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import { mebibytes } from '../real/program.ts';
import { Book } from '../soak/book.ts';
import { shuffled } from '../soak/fault-turns.ts';
import { Load, type TimedRequest } from '../soak/load.ts';
import { comes } from '../soak/patience.ts';
import { sampleOf } from '../soak/samples.ts';
import { internalErrors, isTrouble, settledDescriptors, told } from '../soak/soak.ts';
import { type Stage, stageOf } from '../soak/stage.ts';
import { type FaultSpan, faultTable, slowestOf, spanOf, timesLine } from './fault-figures.ts';
import { clusterFaults, failovers, type RedisFault, troubles } from './redis-faults.ts';
import { SharingProof } from './sharing-proof.ts';

export interface TroublesOptions {
  /** How often each kind of trouble comes. One kind is that another server takes over, in one of four ways. */
  readonly times: number;
  /** Requests a second. */
  readonly rate: number;
  /** Of the order, and of the requests. */
  readonly seed: number;
  /** How long an answer of Redis is waited for, as `--shelf-lookup-timeout` has it. */
  readonly lookup: string;
}

/** What came of them. */
export interface Troubled {
  readonly report: string;
  /** Everything that must not be. */
  readonly failures: readonly string[];
}

/** When code is compiled, and memory fills. */
const warmMs = 3_000;
/** Nothing is wrong for so long before each of them. */
const calmMs = 400;
/** The least that something is wrong. */
const faultMs = 1_000;
/** Redis is to be in use again within 5 s, which is told; what fails is what no busy machine explains. */
const mostBackMs = 15_000;
/** Of each instance: one for commands, and one where it hears. */
const connectionsEach = 2;
/** Of each instance, where it did not come to an end. */
const mostLines = 8;
/** `maxBytesInFlight` of each, and some for signs of life. */
const mostUnansweredEach = 17 * 2 ** 20;

/** A Redis, or a cluster. */
interface Ground {
  /** Resolves when whoever is to take over can. */
  readonly follow: () => Promise<void>;
}

/** Has a Redis one trouble after the other, and then a cluster, while clients ask two instances that share it. */
export async function troublesUnderLoad({ times, ...options }: TroublesOptions): Promise<Troubled> {
  const random = new Random(options.seed);
  const ofCluster = clusterFaults();
  const alone: RedisFault[] = troubles.flatMap((trouble) => Array.from({ length: times }, () => trouble));
  const together: RedisFault<NonNullable<Stage['cluster']>>[] = [];
  for (let i = 0; i < times; i++) {
    const [way, isOfCluster] = [Math.floor(i / 2) % 2, i % 2 === 1];
    const [one, other] = isOfCluster ? [undefined, ofCluster[way]] : [failovers[way], undefined];
    if (one !== undefined) alone.push(one);
    if (other !== undefined) together.push(other);
  }
  const first = await troubled('redis', options, (trial) => trial.all(shuffled(alone, random), trial.stage.redis));
  if (together.length === 0) return first;
  const second = await troubled('cluster', options, (trial) =>
    trial.all(shuffled(together, random), trial.stage.cluster),
  );
  return { report: `${first.report}\n\n${second.report}`, failures: [...first.failures, ...second.failures] };
}

async function troubled(
  shape: 'redis' | 'cluster',
  options: Omit<TroublesOptions, 'times'>,
  play: (trial: Trial) => Promise<void>,
): Promise<Troubled> {
  const book = new Book();
  const stage = await stageOf(shape, book, ['--shelf-lookup-timeout', options.lookup]);
  const trial = new Trial(stage, book, options);
  const failures: string[] = [];
  try {
    await trial.warm();
    await play(trial);
  } catch (error) {
    failures.push(String(error), ...stage.launched.flatMap(({ etagere }) => etagere.lines.slice(-mostLines)));
  }
  const { report, failures: more } = await trial.end();
  return { report, failures: [...failures, ...more, ...(await stage.close())] };
}

/** Clients, and what they have of the troubles that Redis has meanwhile. */
class Trial {
  readonly stage: Stage;
  readonly #book: Book;
  readonly #seed: number;
  readonly #load: Load;
  readonly #proof: SharingProof;
  readonly #answered: TimedRequest[] = [];
  readonly #spans: FaultSpan[] = [];
  readonly #descriptorsBefore: number;
  #mostMemory = 0;

  constructor(stage: Stage, book: Book, { rate, seed }: Omit<TroublesOptions, 'times'>) {
    this.stage = stage;
    this.#book = book;
    this.#seed = seed;
    this.#descriptorsBefore = sampleOf(stage.pids()).descriptors;
    this.#load = new Load(stage, book, { rate, seed, took: (request) => this.#answered.push(request) });
    this.#proof = new SharingProof(stage);
  }

  async warm(): Promise<void> {
    await pause(warmMs);
    await this.#proof.comes();
    this.#answered.length = 0;
  }

  /** One after the other. */
  async all<On extends Ground>(faults: readonly RedisFault<On>[], redis: On | undefined): Promise<void> {
    if (redis === undefined) throw new Error('there is a Redis');
    for (const fault of faults) {
      await redis.follow();
      await pause(calmMs);
      await this.#one(fault, redis);
    }
  }

  async #one<On>({ what, said, begin, end }: RedisFault<On>, redis: On): Promise<void> {
    const fromMs = performance.now();
    await begin(redis);
    await pause(faultMs);
    // What nobody has noticed is no trouble.
    if (said !== undefined) await comes(`“${said.begun}” of a Redis that is ${what}`, () => this.#isSaid(said));
    await end(redis);
    const endMs = performance.now();
    await this.#proof.comes();
    const toMs = performance.now();
    this.#spans.push({ what, fromMs, toMs, backMs: toMs - endMs });
    this.#mostMemory = Math.max(this.#mostMemory, sampleOf(this.stage.pids()).memoryBytes);
  }

  /** By all instances, and not over yet: on a machine that is busy it may have begun before. */
  #isSaid({ begun, over }: NonNullable<RedisFault['said']>): boolean {
    return this.stage.instances.every(({ etagere }) => {
      const last = etagere.lines.findLast((line) => line.includes(begun) || line.includes(over));
      return last?.includes(begun) === true;
    });
  }

  /** Resolves when all requests have their end. */
  async end(): Promise<Troubled> {
    const { origin, launched } = this.stage;
    const failures: string[] = [];
    await this.#load.stop();
    this.#proof.close();
    origin.closeConnections();
    const descriptors = await settledDescriptors(this.stage, this.#descriptorsBefore, failures);
    failures.push(...(await internalErrors(this.stage)), ...this.#connectionFailures(), ...this.#proof.failures);
    for (const { what, backMs } of this.#spans) {
      if (backMs > mostBackMs) failures.push(`${what}: in use again after ${backMs.toFixed(0)} ms`);
    }
    const { wrong, errors } = this.#load.tally;
    const when = (each: TimedRequest | (typeof errors)[number]): string => `${each.what}; ${spanOf(each, this.#spans)}`;
    failures.push(...told('wrong', wrong.map(when)), ...told('wrong at the origin', this.#book.faults));
    failures.push(...told('error', errors.map(when)));
    failures.push(
      ...told(
        'on stderr',
        launched.flatMap(({ etagere }) => etagere.lines.filter(isTrouble)),
      ),
    );
    return { report: this.#report(descriptors), failures };
  }

  #connectionFailures(): string[] {
    const { redis, instances } = this.stage;
    if (redis === undefined) return [];
    const { crossings, mostUnanswered } = redis.strait;
    const isFlat = crossings === connectionsEach * instances.length;
    const isBounded = mostUnanswered <= mostUnansweredEach * instances.length;
    return [
      ...(isFlat ? [] : [`${crossings} connections to Redis are open`]),
      ...(isBounded ? [] : [`${mostUnanswered} bytes waited for Redis`]),
    ];
  }

  #report(descriptors: number): string {
    const { wrong, errors, requests, purges } = this.#load.tally;
    const [reads, changes] = [true, false].map((isRead) =>
      this.#answered.filter(({ method }) => (method !== 'POST') === isRead),
    ) as [TimedRequest[], TimedRequest[]];
    const strait = this.stage.redis?.strait;
    return [
      `== ${this.stage.shape}: ${requests} requests, ${purges} purges, seed ${this.#seed}`,
      faultTable(this.#spans, { answered: reads, errors, wrong }),
      `GET and HEAD; POST, which tells the others first, within ${timesLine(changes.map(({ fromMs, toMs }) => toMs - fromMs))}`,
      `in use again within ${timesLine(this.#spans.map(({ backMs }) => backMs))}, to be ≤ 5000 ms`,
      `descriptors: ${this.#descriptorsBefore} before, ${descriptors} after; memory of both: ${mebibytes(this.#mostMemory)} at the most`,
      ...(strait === undefined
        ? []
        : [
            `connections to Redis: ${strait.crossings}; it was sent ${mebibytes(strait.mostUnanswered)} unanswered at most`,
          ]),
      'the slowest:',
      ...slowestOf(reads).map((each) => {
        return `  ${(each.toMs - each.fromMs).toFixed(0)} ms  ${each.what}; ${spanOf(each, this.#spans)}`;
      }),
    ].join('\n');
  }
}
