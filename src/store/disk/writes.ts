import { type After, afterwards } from './afterwards.ts';
import type { Environment } from './environment.ts';
import { later, type Ledger } from './ledger.ts';

/** Most that one transaction does, as nobody else may write meanwhile and this process does nothing else. */
const maxMs = 4;
const maxJobs = 64;
const maxJobBytes = 2 ** 20;
/** How long a transaction may take: then nobody waits for it any more. Another process that stands still may be in the middle of one, or the disk may hang. */
const patienceMs = 10_000;
/** Most that wait. */
const maxWaiting = 20_000;

interface Job {
  /** Runs within a transaction; `later` to be run again in another. */
  readonly run: () => unknown;
  /** Bytes that it puts, more or less. */
  readonly bytes: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface WritesParts {
  readonly environment: Environment;
  readonly ledger: Ledger;
  /** Before each transaction that puts so many bytes: what is wrong where there is no room for them, and there is none; nor where it rejects. */
  readonly check: (bytes: number) => Promise<Error | undefined>;
  /** Files that no record has any more. */
  readonly unused: (ids: readonly Buffer[]) => void;
  /** A transaction failed; all that was to be done in it was refused with this error. */
  readonly failed: (error: unknown) => void;
  readonly after?: After;
}

/** Everything that is written to the database waits here for its transaction; while one is being kept, the next gathers. So under load each holds many, and the event loop never waits for a disk. */
export class Writes {
  readonly #parts: WritesParts;
  #urgent: Job[] = [];
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;
  /** A transaction takes longer than anybody waits for. */
  #isStuck = false;

  constructor(parts: WritesParts) {
    this.#parts = parts;
  }

  /**
   * Does something in one of the next transactions, an urgent thing before all others, and otherwise in the order of the calls. Resolves with its result when that is kept; rejects where it could not be, too many wait, or
   * it takes too long: then it may be kept yet.
   */
  do<T>(run: () => T | typeof later, { bytes = 0, urgent = false } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#isStuck || (this.#waiting.length >= maxWaiting && !urgent)) {
        reject(new Error('too much waits to be written'));
        return;
      }
      const job: Job = { run, bytes, resolve: (result) => resolve(result as T), reject };
      (urgent ? this.#urgent : this.#waiting).push(job);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What is asked for in the same turn goes along.
    await Promise.resolve();
    while (this.#urgent.length + this.#waiting.length > 0) await this.#transaction(this.#next());
    this.#running = undefined;
  }

  #next(): readonly Job[] {
    const urgent = this.#urgent.splice(0, maxJobs);
    let bytes = 0;
    let count = 0;
    for (const job of this.#waiting) {
      bytes += job.bytes;
      if (count > 0 && (bytes > maxJobBytes || count >= maxJobs)) break;
      count += 1;
    }
    return [...urgent, ...this.#waiting.splice(0, count)];
  }

  async #transaction(jobs: readonly Job[]): Promise<void> {
    const { environment, ledger, unused, failed } = this.#parts;
    let results: readonly unknown[];
    let isGivenUp = false;
    const callOff = (this.#parts.after ?? afterwards)(patienceMs, () => {
      isGivenUp = true;
      this.#giveUp(jobs);
    });
    try {
      await this.#makeRoom(jobs.reduce((sum, { bytes }) => sum + bytes, 0));
      results = await environment.transaction(() => {
        if (isGivenUp) throw new Error('it comes too late');
        ledger.begin();
        const until = performance.now() + maxMs;
        const found = jobs.map(({ run }, index) => (index > 0 && performance.now() > until ? later : run()));
        ledger.end();
        return found;
      });
    } catch (error) {
      failed(error);
      for (const { reject } of jobs) reject(error);
      return;
    } finally {
      callOff();
      this.#isStuck = false;
    }
    unused(ledger.committed());
    this.#waiting.unshift(...jobs.filter((_, index) => results[index] === later));
    jobs.forEach(({ resolve }, index) => {
      if (results[index] !== later) resolve(results[index]);
    });
  }

  /** In the file system, of which others may have taken much at once; rejects where there is nothing more that could be dropped for it. */
  async #makeRoom(bytes: number): Promise<void> {
    const { environment, ledger, check, unused } = this.#parts;
    for (let lack = await check(bytes); lack !== undefined; lack = await check(bytes)) {
      await environment.transaction(() => {
        ledger.begin();
        ledger.giveWay();
        ledger.end();
      });
      const gone = ledger.committed();
      if (gone.length === 0) throw lack;
      unused(gone);
    }
  }

  #giveUp(jobs: readonly Job[]): void {
    this.#isStuck = true;
    const error = new Error(`nothing could be written for ${patienceMs / 1000} s`);
    this.#parts.failed(error);
    for (const { reject } of [...jobs, ...this.#urgent.splice(0), ...this.#waiting.splice(0)]) reject(error);
  }
}
