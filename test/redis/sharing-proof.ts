import { setTimeout as pause } from 'node:timers/promises';
import { SoakConnection } from '../soak/connection.ts';
import { fieldOf } from '../soak/judge.ts';
import { host } from '../soak/site.ts';
import type { Instance, Stage } from '../soak/stage.ts';

const betweenLooksMs = 20;
const patienceMs = 60_000;
/** Beyond all that others ask for. */
const firstNumber = 1e9;

/** That what one of two instances has stored is found by the other, in both directions: then Redis is in use. */
export class SharingProof {
  /** Answers that were none. */
  readonly failures: string[] = [];
  readonly #stage: Stage;
  readonly #connections = new Map<Instance, SoakConnection>();
  #next = firstNumber;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Resolves when it is so; rejects where it does not come to be. */
  async comes(): Promise<void> {
    const [one, other] = this.#stage.instances;
    if (one === undefined || other === undefined) throw new Error('there are two');
    const until = performance.now() + patienceMs;
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      while (!(await this.#isShared(first, second))) {
        if (performance.now() > until) throw new Error('Redis does not come to be in use again');
        await pause(betweenLooksMs);
      }
    }
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  async #isShared(first: Instance, second: Instance): Promise<boolean> {
    const target = `/once/${this.#next++}`;
    await this.#ask(first, target);
    // It is put there when it was answered.
    await pause(betweenLooksMs);
    return /;\s*hit/.test(await this.#ask(second, target));
  }

  /** The Cache-Status of what is there. */
  async #ask(instance: Instance, target: string): Promise<string> {
    const known = this.#connections.get(instance);
    const connection = known?.isUsable === true ? known : new SoakConnection(instance.port);
    if (known !== connection) known?.close();
    this.#connections.set(instance, connection);
    const reply = await connection.ask(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'GET', 'steady');
    if (reply.kind === 'answered' && reply.message.startLine.includes(' 200 ')) {
      return fieldOf(reply.message, 'cache-status') ?? '';
    }
    this.failures.push(`${target}: ${reply.kind === 'answered' ? reply.message.startLine : reply.kind}`);
    return '';
  }
}
