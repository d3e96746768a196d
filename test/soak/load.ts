import { assertNever } from '../../src/http/message.ts';
import { Random } from '../fuzz/random.ts';
import type { Book } from './book.ts';
import { type Reply, SoakConnection } from './connection.ts';
import { fieldOf, type Verdict, verdictOf } from './judge.ts';
import { purgeOnce } from './purges.ts';
import type { Instance, Stage } from './stage.ts';
import { bytesOfWish, type Wish, Wishes } from './wishes.ts';

/** What was wrong with an answer, or the lack of one, and from when to when, by `performance.now`. */
export interface ClientError {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What has come of the requests so far. */
export interface Tally {
  requests: number;
  /** Answered without the origin, by Cache-Status (RFC 9211 §2.1). */
  hits: number;
  /** Not begun, as too many were under way. */
  heldBack: number;
  purges: number;
  readonly byKind: Map<string, number>;
  readonly wrong: ClientError[];
  readonly errors: ClientError[];
}

const tickMs = 10;
/** Requests under way at once. */
const mostUnderWay = 150;
/** A purge in so many requests. */
const purgeOnceIn = 150;
const keptConnections = 40;
/** Others are waited for as long as that at the least before a change is answered. */
const toldMs = 900;

/** What was asked for, how it was answered, and from when to when, by `performance.now`. */
export interface TimedRequest {
  readonly what: string;
  readonly method: Wish['method'];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LoadOptions {
  /** Requests a second. */
  readonly rate: number;
  readonly seed: number;
  /** Hears of each request that was not one of a client which is slow, or leaves. */
  readonly took?: (request: TimedRequest) => void;
}

/** Clients that ask for this and that, so many times a second, and hold each answer against the book. */
export class Load {
  readonly tally: Tally = {
    requests: 0,
    hits: 0,
    heldBack: 0,
    purges: 0,
    byKind: new Map(),
    wrong: [],
    errors: [],
  };
  readonly #stage: Stage;
  readonly #book: Book;
  readonly #random: Random;
  readonly #wishes: Wishes;
  readonly #idle = new Map<Instance, SoakConnection[]>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #rate: number;
  readonly #took: (request: TimedRequest) => void;
  #due = 0;
  #lastMs = performance.now();

  constructor(stage: Stage, book: Book, { rate, seed, took = () => undefined }: LoadOptions) {
    this.#stage = stage;
    this.#book = book;
    this.#rate = rate;
    this.#took = took;
    this.#random = new Random(seed);
    this.#wishes = new Wishes(this.#random);
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Begins nothing more; resolves when all has its end, which is bounded for each request. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    for (const connections of this.#idle.values()) for (const connection of connections) connection.close();
    this.#idle.clear();
  }

  #tick(): void {
    const nowMs = performance.now();
    // After a pause of this process itself, no more than a second's worth is made up for.
    this.#due += Math.min(1, (nowMs - this.#lastMs) / 1_000) * this.#rate;
    this.#lastMs = nowMs;
    for (; this.#due >= 1; this.#due--) {
      if (this.#underWay.size >= mostUnderWay) this.tally.heldBack++;
      else this.#begin(this.#random.once(purgeOnceIn) ? this.#purge() : this.#ask(this.#wishes.next()));
    }
  }

  #begin(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #purge(): Promise<void> {
    const fromMs = performance.now();
    this.tally.purges++;
    const trouble = await purgeOnce(this.#stage, this.#book, this.#random);
    if (trouble !== undefined) this.tally.errors.push({ what: trouble, fromMs, toMs: performance.now() });
  }

  async #ask(wish: Wish): Promise<void> {
    const instance = this.#random.pick(this.#stage.instances);
    const fromMs = performance.now();
    const floors = this.#book.floorsOf(wish.target);
    const connection = this.#connection(instance);
    const reply = await connection.ask(bytesOfWish(wish), wish.method, wish.manner);
    const toMs = performance.now();
    this.#keep(instance, connection);
    this.tally.requests++;
    this.tally.byKind.set(wish.kind, (this.tally.byKind.get(wish.kind) ?? 0) + 1);
    const verdict = this.#verdict(wish, reply, { askedMs: fromMs, floors });
    if (wish.manner === 'steady')
      this.#took({ what: `${wish.kind} ${wish.target}${cacheStatusOf(reply)}`, method: wish.method, fromMs, toMs });
    if (verdict.kind === 'wrong') this.tally.wrong.push({ what: verdict.what, fromMs, toMs });
    if (verdict.kind === 'error') this.tally.errors.push({ what: `${wish.kind}: ${verdict.what}`, fromMs, toMs });
    if (verdict.kind !== 'right' || reply.kind !== 'answered') return;
    this.#wishes.saw(wish.target, fieldOf(reply.message, 'etag'));
    if (/;\s*hit/.test(fieldOf(reply.message, 'cache-status') ?? '')) this.tally.hits++;
    // Whoever comes after this answer finds what the change has made of it; but another instance, which is told by way of a Redis that may be down, or a worker that was too slow to say that it knows.
    const isKnown = this.#stage.instances.length === 1 && toMs - fromMs < toldMs;
    if (wish.kind === 'change' && isKnown) {
      this.#book.raise({ of: { target: wish.target }, sinceMs: fromMs, isSoft: true });
    }
  }

  #verdict(wish: Wish, reply: Reply, when: Parameters<typeof verdictOf>[3]): Verdict {
    switch (reply.kind) {
      case 'answered':
        return verdictOf(wish, reply.message, this.#book, when);
      case 'malformed':
        return { kind: 'wrong', what: `${wish.method} ${wish.target}: ${reply.fault}` };
      case 'broken':
        return { kind: 'error', what: reply.how };
      case 'left':
        return { kind: 'right' };
      default:
        return assertNever(reply);
    }
  }

  #connection(instance: Instance): SoakConnection {
    const idle = this.#idle.get(instance) ?? [];
    for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) {
      if (kept.isUsable) return kept;
      kept.close();
    }
    return new SoakConnection(instance.port);
  }

  #keep(instance: Instance, connection: SoakConnection): void {
    const idle = this.#idle.get(instance) ?? [];
    this.#idle.set(instance, idle);
    if (connection.isUsable && idle.length < keptConnections) idle.push(connection);
    else connection.close();
  }
}

function cacheStatusOf(reply: Reply): string {
  const status = reply.kind === 'answered' ? fieldOf(reply.message, 'cache-status') : undefined;
  return status === undefined ? '' : `, ${status}`;
}
