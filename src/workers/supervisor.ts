import type { Channel } from './channel.ts';
import type { Hub } from './hub.ts';
import { endGraceMs, firstPauseMs, longestPauseMs, maxEarlyEnds, provenMs, silentMs } from './limits.ts';
import type { Beginning, ToPrimary, ToWorker } from './messages.ts';
import { Pulse } from './pulse.ts';

/** A process that was begun to be a worker. */
export interface WorkerProcess {
  readonly channel: Channel<ToWorker, ToPrimary>;
  /** Calls back when it has ended, and all that it has said was read: `by SIGKILL`, `with code 1`; or where the system did not let it begin: `by ENOMEM`. */
  onEnd(callback: (how: string) => void): void;
  /** Ends it at once. */
  readonly kill: () => void;
}

export interface SupervisorParts {
  /** How many workers there are to be. */
  readonly count: number;
  readonly fork: () => WorkerProcess;
  readonly hub: Hub;
  /** What the next worker is to begin with. */
  readonly beginning: (instance: string, place: number) => Beginning;
  /** By which receipts name a worker. */
  readonly nameOf: (worker: number) => string;
  /** How long a worker that leaves now may take to let its clients go, in milliseconds. */
  readonly drainTimeoutMs: () => number;
  readonly say: (line: string) => void;
  /** In milliseconds, and never set back. */
  readonly steady: () => number;
}

/** Where all listen. */
export interface Listening {
  readonly kind: 'listening';
  readonly urls: readonly string[];
  readonly adminUrl: string | undefined;
}

/** Why not even one does. */
export interface Failure {
  readonly kind: 'failed';
  readonly complaint: string;
  readonly exitCode: 1 | 2;
  /** Whether the worker said so itself: at a start, another try would say the same. */
  readonly isSaid: boolean;
}

/** One process, from its beginning to its end. */
interface Worker {
  readonly instance: string;
  /** From 1 to the number of workers that there are to be; one that takes the place of another has the same. */
  readonly place: number;
  readonly process: WorkerProcess;
  readonly begunAt: number;
  /** What became of its beginning. Never rejects. */
  readonly begun: Promise<Listening | Failure>;
  readonly ended: Promise<void>;
  /** It has said something: until then it does not listen yet, and what it is told is lost. */
  isHearing: boolean;
  /** It was asked to end. */
  isLeaving: boolean;
}

/** Begins the workers, replaces those that end, and has them restart one after another, so that there is always one that listens. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #workers = new Set<Worker>();
  /** How many in a row have ended too soon after they began. */
  #earlyEnds = 0;
  #isStopping = false;
  #restarting: Promise<boolean> | undefined;
  /** Once more after that, as it was asked for again. */
  #restartingAgain: Promise<boolean> | undefined;
  /** What ends the pauses that are under way. */
  readonly #pauses = new Set<() => void>();
  #last = 0;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Begins them. Resolves when all listen, or when it is clear that they will not: then none is left. */
  async start(): Promise<Listening | Failure> {
    const { count } = this.#parts;
    const outcomes = await Promise.all(Array.from({ length: count }, (_, i) => this.#beginSome(i + 1, 'at the start')));
    const failure = outcomes.find((outcome) => outcome.kind === 'failed');
    if (failure !== undefined) await this.stop();
    return (
      failure ?? outcomes[0] ?? { kind: 'failed', complaint: 'there are to be no workers', exitCode: 1, isSaid: true }
    );
  }

  /**
   * Restarts the workers: each is asked to leave when another listens in its place. Ends early where one can't, which is said; and where it is asked for again, as what has begun since may run by other settings: then all
   * restart once more, for whoever has asked by then. False where not even the first could begin.
   */
  restart(): Promise<boolean> {
    if (this.#restartingAgain !== undefined) return this.#restartingAgain;
    if (this.#restarting === undefined) return this.#restart();
    this.#restartingAgain = this.#restarting.then(() => this.#restart());
    return this.#restartingAgain;
  }

  /** To all that run. */
  tell(message: ToWorker): void {
    for (const { process } of this.#workers) void process.channel.send(message);
  }

  /** Has all of them finish what is under way. Resolves when they have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const end of this.#pauses) end();
    await Promise.all([...this.#workers].map((worker) => this.#leave(worker, { kind: 'stop' })));
  }

  #restart(): Promise<boolean> {
    this.#restartingAgain = undefined;
    this.#restarting = this.#restartAll().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  async #restartAll(): Promise<boolean> {
    const { say } = this.#parts;
    if (this.#isStopping) return true;
    say('etagere: restarting the workers, one after another');
    const workers = [...this.#workers];
    const restarted = await this.#restartEach(workers);
    if (this.#isStopping) return true;
    const isDone = restarted === workers.length;
    if (this.#restartingAgain === undefined)
      say(
        isDone
          ? 'etagere: the workers have been restarted'
          : 'etagere: the workers that have not been restarted go on as they are',
      );
    return isDone || restarted > 0;
  }

  /** How many were restarted. */
  async #restartEach(workers: readonly Worker[]): Promise<number> {
    let restarted = 0;
    for (const old of workers) {
      // What is begun from now on nobody would ask to stop.
      if (this.#isStopping || this.#restartingAgain !== undefined) break;
      const next = this.#begin(old.place);
      const outcome = await next.begun;
      if (this.#isStopping) break;
      if (outcome.kind === 'failed') {
        this.#parts.say(`etagere: ${outcome.complaint}`);
        break;
      }
      restarted++;
      // One that has ended by itself has been replaced already.
      await this.#leave(this.#workers.has(old) ? old : next, { kind: 'retire' });
    }
    return restarted;
  }

  /** Begins one, and another where that fails, after a pause: at the start so often as may be, later until one listens. */
  async #beginSome(place: number, when: 'at the start' | 'later'): Promise<Listening | Failure> {
    for (;;) {
      const worker = this.#begin(place);
      const outcome = await worker.begun;
      if (outcome.kind === 'listening' || worker.isLeaving || this.#isStopping) return outcome;
      this.#earlyEnds++;
      if (when === 'at the start' && (outcome.isSaid || this.#earlyEnds >= maxEarlyEnds)) return outcome;
      const ms = this.#pauseMs();
      this.#parts.say(`etagere: ${outcome.complaint}; trying again${ms === 0 ? '' : ` in ${ms} ms`}`);
      await this.#pause(ms);
      if (this.#isStopping) return outcome;
    }
  }

  /** One that listened has ended, and nobody had asked it to. */
  async #replace({ instance, place, begunAt }: Worker, how: string): Promise<void> {
    this.#earlyEnds = this.#parts.steady() - begunAt >= provenMs ? 0 : this.#earlyEnds + 1;
    const ms = this.#pauseMs();
    this.#parts.say(`etagere: ${instance} ended ${how}; another begins${ms === 0 ? '' : ` in ${ms} ms`}`);
    await this.#pause(ms);
    if (this.#isStopping) return;
    await this.#beginSome(place, 'later');
  }

  #pauseMs(): number {
    return this.#earlyEnds < 2 ? 0 : Math.min(firstPauseMs * 2 ** (this.#earlyEnds - 2), longestPauseMs);
  }

  #pause(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#pauses.add(end);
    });
  }

  /** Asks it to end, and kills it if it does not in time; at once where it does not hear yet, as nothing is under way there. */
  async #leave(worker: Worker, message: ToWorker): Promise<void> {
    worker.isLeaving = true;
    if (!worker.isHearing) worker.process.kill();
    void worker.process.channel.send(message);
    // Politely, and then with less patience: each may take that long.
    const timer = setTimeout(() => worker.process.kill(), 2 * this.#parts.drainTimeoutMs() + endGraceMs);
    await worker.ended;
    clearTimeout(timer);
  }

  #begin(place: number): Worker {
    const { fork, hub, nameOf, steady } = this.#parts;
    const id = ++this.#last;
    const instance = nameOf(id);
    const process = fork();
    hub.join(id, instance, process.channel);
    let isSilent = false;
    const pulse = this.#pulseOf(process, instance, () => {
      isSilent = true;
    });
    const begun = this.#outcomeOf(process, instance, place);
    const ended = new Promise<void>((resolve) => {
      process.onEnd((how) => {
        pulse.stop();
        this.#workers.delete(worker);
        hub.leave(id, worker.isLeaving ? 'asked to' : isSilent ? 'silent' : 'died');
        resolve();
        void begun.then(({ kind }) => {
          const isMissed = kind === 'listening' && !worker.isLeaving && !this.#isStopping;
          if (isMissed) void this.#replace(worker, how);
        });
      });
    });
    const worker: Worker = {
      instance,
      place,
      process,
      begunAt: steady(),
      begun,
      ended,
      isHearing: false,
      isLeaving: false,
    };
    process.channel.listen(() => {
      worker.isHearing = true;
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Kills it where it does not answer, as when it is halted, or in an endless loop: connections would be handed to it all the same. */
  #pulseOf({ channel, kill }: WorkerProcess, instance: string, onSilence: () => void): Pulse {
    const pulse = new Pulse(
      () => void channel.send({ kind: 'are-you-there' }),
      () => {
        this.#parts.say(`etagere: ${instance} has not answered for ${silentMs / 1_000} s, and is killed`);
        onSilence();
        kill();
      },
    );
    channel.listen(() => pulse.heard());
    return pulse;
  }

  /** Gives it what it needs, and hears what becomes of it. */
  #outcomeOf(process: WorkerProcess, instance: string, place: number): Promise<Listening | Failure> {
    const { channel } = process;
    const { beginning } = this.#parts;
    return new Promise((resolve) => {
      channel.listen((message) => {
        if (message.kind === 'begin-me') void channel.send({ kind: 'begin', beginning: beginning(instance, place) });
        else if (message.kind === 'ready') {
          resolve({ kind: 'listening', urls: message.urls, adminUrl: message.adminUrl });
        } else if (message.kind === 'failed') {
          resolve({ kind: 'failed', complaint: message.complaint, exitCode: message.exitCode, isSaid: true });
        }
      });
      process.onEnd((how) => {
        const complaint = `${instance} ended ${how} before it listened`;
        resolve({ kind: 'failed', complaint, exitCode: 1, isSaid: false });
      });
    });
  }
}
