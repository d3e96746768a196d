import { vi } from 'vitest';
import type { Beginning, ToPrimary, ToWorker } from '../../../src/workers/messages.ts';
import { FigureLedger } from '../../../src/workers/figure-ledger.ts';
import { Hub } from '../../../src/workers/hub.ts';
import { Supervisor, type WorkerProcess } from '../../../src/workers/supervisor.ts';

/** A process that is none: the test says what it does. */
export class FakeProcess implements WorkerProcess {
  readonly heard: ToWorker['kind'][] = [];
  readonly #listeners: ((message: ToPrimary) => void)[] = [];
  readonly #ends: ((how: string) => void)[] = [];
  isKilled = false;
  /** It says nothing by itself. */
  isHalted = false;
  readonly channel = {
    send: async (message: ToWorker): Promise<void> => {
      if (message.kind !== 'are-you-there') this.heard.push(message.kind);
      else if (!this.isHalted) this.say({ kind: 'here' });
    },
    listen: (listener: (message: ToPrimary) => void): void => void this.#listeners.push(listener),
  };

  readonly onEnd = (callback: (how: string) => void): void => void this.#ends.push(callback);

  readonly kill = (): void => {
    this.isKilled = true;
    this.end('by SIGKILL');
  };

  say(message: ToPrimary): void {
    for (const listener of this.#listeners) listener(message);
  }

  listen(): void {
    this.say({ kind: 'ready', urls: ['http://127.0.0.1:1'], adminUrl: undefined });
  }

  end(how: string): void {
    for (const callback of this.#ends) callback(how);
  }
}

/** Workers that are none, and who looks after them; over fake timers. */
export class Stage {
  readonly processes: FakeProcess[] = [];
  readonly said: string[] = [];
  /** Of those that were begun, in their order. */
  readonly places: number[] = [];
  now = 0;
  drainTimeoutMs = 1_000;
  readonly ledger = new FigureLedger();
  readonly hub = new Hub(
    () => this.now,
    this.ledger,
    async () => ({ kind: 'refused', problem: 'no' }),
  );
  readonly supervisor: Supervisor;

  constructor(count: number) {
    this.supervisor = new Supervisor({
      count,
      hub: this.hub,
      fork: () => {
        const process = new FakeProcess();
        this.processes.push(process);
        return process;
      },
      beginning: (instance, place) => {
        this.places.push(place);
        return { instance } as Beginning;
      },
      nameOf: (worker) => `worker ${worker}`,
      drainTimeoutMs: () => this.drainTimeoutMs,
      say: (line) => this.said.push(line),
      steady: () => this.now,
    });
  }

  at(index: number): FakeProcess {
    const process = this.processes[index];
    if (process === undefined) throw new Error(`only ${this.processes.length} were begun`);
    return process;
  }

  /** Lets time pass, and what waits for it happen. */
  async pass(ms = 0): Promise<void> {
    this.now += ms;
    await vi.advanceTimersByTimeAsync(ms);
  }
}

/** With so many workers that listen. */
export async function running(count: number): Promise<Stage> {
  const stage = new Stage(count);
  const started = stage.supervisor.start();
  for (const process of stage.processes) process.listen();
  await started;
  return stage;
}
