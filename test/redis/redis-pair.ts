import { setTimeout as pause } from 'node:timers/promises';
import { RedisProcess } from './redis-server.ts';
import { Strait } from './strait.ts';

const patienceMs = 30_000;
const betweenLooksMs = 50;

/** A replica is to have everything as soon as it can. */
const args = ['--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'swapdb'];

/** A Redis with a replica that is ready to take its place, and one address that leads to whichever is in charge. */
export class RedisPair {
  readonly strait: Strait;
  #inCharge: RedisProcess;
  #replica: RedisProcess;

  private constructor(inCharge: RedisProcess, replica: RedisProcess, strait: Strait) {
    this.#inCharge = inCharge;
    this.#replica = replica;
    this.strait = strait;
  }

  static async start(): Promise<RedisPair> {
    const [inCharge, replica] = await Promise.all([RedisProcess.start(...args), RedisProcess.start(...args)]);
    const pair = new RedisPair(inCharge, replica, await Strait.to(inCharge.port));
    await pair.follow();
    return pair;
  }

  /** Where it is, whoever is in charge. */
  get url(): string {
    return this.strait.url;
  }

  get inCharge(): RedisProcess {
    return this.#inCharge;
  }

  /** The one in charge says no to what is written, though nobody has taken its place yet. */
  async stepDown(): Promise<void> {
    await this.#inCharge.tell('replicaof', '127.0.0.1', String(this.#replica.port));
  }

  /** The replica takes the place of the one in charge, whatever became of that. */
  async takeOver(): Promise<void> {
    await this.#replica.tell('replicaof', 'no', 'one');
    [this.#inCharge, this.#replica] = [this.#replica, this.#inCharge];
    this.strait.lead(this.#inCharge.port);
  }

  /** Resolves when the other one runs, and has all that the one in charge has. */
  async follow(): Promise<void> {
    if (!this.#replica.runs) await this.#replica.start();
    await this.#replica.tell('replicaof', '127.0.0.1', String(this.#inCharge.port));
    const until = performance.now() + patienceMs;
    while (!(await this.#replica.tell('info', 'replication')).includes('master_link_status:up')) {
      if (performance.now() > until) throw new Error('the replica does not come to have everything');
      await pause(betweenLooksMs);
    }
  }

  async stop(): Promise<void> {
    this.strait.close();
    await Promise.all([this.#inCharge.stop(), this.#replica.stop()]);
  }
}
