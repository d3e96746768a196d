import { randomBytes } from 'node:crypto';
import { textOfOrder } from '../order-text.ts';
import type { Heard, NumberedOrder, Order, OrderLog, Remembered } from '../orders.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { RedisRefusal } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import type { RedisLimits } from './limits.ts';
import { appendOrder, beat, forgetOrders, headOfLog, ordersSince, restoreOrders } from './log-scripts.ts';
import { decodedName, encodedName, type Member, memberOf, RecentMembers } from './members.ts';
import { listOf, logStateOf, type LogState, numberOf, textOf } from './rows.ts';
import { evenIfFull, type Script } from './script.ts';
import { run, type Servers } from './servers.ts';

export interface LogParts {
  readonly servers: Servers;
  readonly keys: RedisKeys;
  readonly limits: RedisLimits;
  /** The name of this instance, in receipts. */
  readonly instance: string;
}

/** Orders that are read at once. */
const ordersAtOnce = 256;

/** Orders that are given back at once. */
const restoredAtOnce = 64;

/** The orders of all who share a Redis: kept there in one sorted set, and published. What has missed some reads them, and gives back those that a server has lost. */
export class RedisOrderLog implements OrderLog {
  readonly #parts: LogParts;
  readonly #name: string;
  /** What the nonces of its orders begin with: two instances may have the same name. */
  readonly #own = randomBytes(4).toString('hex');
  readonly #recent = new RecentMembers();
  readonly #acknowledgements = new Acknowledgements();
  #listener: ((heard: NumberedOrder | 'gap') => void) | undefined;
  #log: string | undefined;
  /** All orders up to this number were read. */
  #readTo = 0;
  /** Whether orders may have been lost that are known here. */
  #owes = false;
  #isRestoring = false;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#name = encodedName(parts.instance);
  }

  /** What the log is called, as far as is known. */
  get log(): string | undefined {
    return this.#log;
  }

  /** The channel for what others say to this instance only. */
  get channel(): string {
    return this.#parts.keys.instance(this.#name);
  }

  async head(): Promise<number> {
    const state = logStateOf(listOf(await this.#run(headOfLog, [], this.#parts.limits.lookupMs)));
    this.saw(state);
    return state.head;
  }

  async append(order: Order): Promise<{ readonly number: number; readonly heard: Promise<readonly Heard[]> }> {
    const { keys, limits } = this.#parts;
    const nonce = this.#own + randomBytes(4).toString('hex');
    const text = textOfOrder(order);
    this.#acknowledgements.begin(nonce);
    try {
      const bounds = [limits.maxOrders, keptMs(limits), limits.aliveMs, this.#recent.newest].map(String);
      const args = [this.#name, nonce, text, keys.orders, ...bounds];
      const [reply, log, ...alive] = listOf(await this.#run(appendOrder, args, limits.workMs));
      const number = numberOf(reply);
      if (number === undefined) throw new Error('the log of orders gives no number');
      this.saw({ head: number, log: textOf(log) });
      this.#recent.add({ numbered: { number, order }, text: `${number}:${this.#name}:${nonce}:${text}` });
      const others = alive
        .map((name) => decodedName(textOf(name) ?? ''))
        .filter((name) => name !== this.#parts.instance);
      return { number, heard: this.#acknowledgements.expect(nonce, others, limits.heardMs) };
    } catch (error) {
      this.#acknowledgements.cancel(nonce);
      throw error;
    }
  }

  async since(number: number): Promise<Remembered> {
    const { limits } = this.#parts;
    const orders: NumberedOrder[] = [];
    for (let after = number; ; ) {
      const reply = await this.#run(ordersSince, [after, ordersAtOnce].map(String), limits.lookupMs);
      const [lost, forgotten, ...members] = listOf(reply);
      for (const text of members) {
        const member = memberOf(text);
        if (member === undefined || member.numbered.number <= after) throw new Error('the log of orders is no log');
        this.#recent.add(member);
        orders.push(member.numbered);
        after = member.numbered.number;
      }
      if (members.length < ordersAtOnce) {
        const remembered = { orders, forgotten: numberOf(forgotten) ?? 0, lost: numberOf(lost) ?? 0 };
        this.#readTo = Math.max(this.#readTo, after, remembered.forgotten);
        return remembered;
      }
    }
  }

  listen(listener: (heard: NumberedOrder | 'gap') => void): void {
    this.#listener = listener;
  }

  async forget(numbers: readonly number[]): Promise<void> {
    this.#recent.forget(numbers);
    const { limits } = this.#parts;
    for (let first = 0; first < numbers.length; first += ordersAtOnce) {
      const args = numbers.slice(first, first + ordersAtOnce).map(String);
      await this.#run(forgetOrders, args, limits.workMs);
    }
  }

  /** A sign of life, which comes back through the subscription. */
  async beat(): Promise<void> {
    const { limits } = this.#parts;
    const args = [this.#name, this.channel, keptMs(limits), limits.aliveMs].map(String);
    const { newest } = this.#recent;
    const state = logStateOf(listOf(await this.#run(beat, args, limits.silentMs)));
    this.saw(state);
    // Another server has taken the place of that one, before it knew all.
    if (state.head < newest || this.#owes) this.#restore();
    // What was published is heard before this, unless nothing is heard at all.
    if (state.head > Math.max(this.#recent.newest, this.#readTo)) this.#listener?.('gap');
  }

  /** It is not expected to hear of orders any more. */
  async leave(): Promise<void> {
    const { servers, keys, limits } = this.#parts;
    await servers.call(keys.log, ['ZREM', keys.instances, this.#name], { ms: limits.lookupMs });
  }

  /** What was read of the log. Where it was begun anew, it has lost its orders. */
  saw({ log }: LogState): void {
    if (log === undefined) return;
    const isAnother = this.#log !== undefined && this.#log !== log;
    this.#log = log;
    if (isAnother) this.#restore();
  }

  /** The subscription is open, perhaps again. */
  rejoined(): void {
    this.#listener?.('gap');
    this.#restore();
  }

  /** A server is in use that perhaps was not, and may know less than the one before it. */
  mayHaveLost(): void {
    this.#owes = true;
  }

  /** What was published to one of the channels. */
  heard(channel: string, message: string): void {
    if (channel === this.#parts.keys.orders) {
      const member = memberOf(message);
      if (member !== undefined) this.#heardOrder(member);
    } else if (channel === this.channel) {
      const [, nonce, instance] = /^heard ([0-9a-f]{16}) (.*)$/s.exec(message) ?? [];
      if (nonce !== undefined && instance !== undefined) this.#acknowledgements.heard(nonce, decodedName(instance));
    }
  }

  #heardOrder(member: Member): void {
    const { servers, keys, limits } = this.#parts;
    this.#recent.add(member);
    // What nobody has put in force was not heard.
    if (member.nonce.startsWith(this.#own) || this.#listener === undefined) return;
    this.#listener(member.numbered);
    const channel = keys.instance(encodedName(member.instance));
    const answer = `heard ${member.nonce} ${this.#name}`;
    servers
      .call(keys.log, ['PUBLISH', channel, answer], { ms: limits.workMs, evenIfSlow: true })
      .catch(() => undefined);
  }

  /** Gives back what is known here: who has it already, is told nothing. Where that fails, the next sign of life has it done. */
  #restore(): void {
    this.#owes = true;
    if (this.#isRestoring) return;
    this.#isRestoring = true;
    this.#giveBack()
      .catch(() => {
        this.#owes = true;
      })
      .finally(() => {
        this.#isRestoring = false;
      });
  }

  async #giveBack(): Promise<void> {
    this.#owes = false;
    const { keys, limits } = this.#parts;
    const texts = this.#recent.all();
    for (let first = 0; first < texts.length; first += restoredAtOnce) {
      const args = [keys.orders, String(keptMs(limits)), ...texts.slice(first, first + restoredAtOnce)];
      await this.#run(restoreOrders, args, limits.workMs);
    }
  }

  async #run(script: Script, args: readonly string[], ms: number): Promise<unknown> {
    const { servers, keys } = this.#parts;
    const call = { keys: [keys.log, keys.instances] as const, args };
    try {
      return await run(servers, script, call, { ms });
    } catch (error) {
      if (!(error instanceof RedisRefusal) || error.code !== 'OOM') throw error;
    }
    // Orders are few, and free memory.
    return run(servers, evenIfFull(script), call, { ms });
  }
}

/** The log outlasts every record. */
function keptMs({ maxKeepMs }: RedisLimits): number {
  return 2 * maxKeepMs;
}
