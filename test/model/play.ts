import { fieldValue } from '../../src/http/fields.ts';
import { ManualClock } from '../../src/play/manual-clock.ts';
import { HeapGround } from '../store/heap-backing.ts';
import { type Breakage, nothingBroken } from './breakage.ts';
import { boundedClaims } from './claims.ts';
import { ModelClient } from './client.ts';
import { Instance, maxVariants } from './instance.ts';
import { causeField, Journal, type Order } from './journal.ts';
import { askedTrouble, type Violation, violationOf } from './judge.ts';
import { Sayings } from './sayings.ts';
import { aboutOf, selectionOf } from './purging.ts';
import { type RequestStep, type Sequence, type Step, targetAt, urlOf } from './sequence.ts';

/** Noon on a day without meaning. */
const start = Date.UTC(2026, 0, 15, 12);
/** By then every request has its end: twice the patience with the origin for head and content, what is waited for others, and a client that takes nothing. */
const deadlineMs = 200_000;
/** In which content of unknown length is held. */
const blockBytes = 64 * 2 ** 10;

/** Plays a sequence; what does not hold in it, first. */
export async function violationIn(
  sequence: Sequence,
  breakage: Breakage = nothingBroken,
): Promise<Violation | undefined> {
  const played = new Played(sequence, breakage);
  for (const step of sequence.steps) {
    await played.take(step);
    if (played.violation !== undefined) return played.violation;
  }
  await played.end();
  return played.violation;
}

class Played {
  violation: Violation | undefined;
  readonly #journal = new Journal();
  readonly #clock = new ManualClock(start);
  readonly #sayings = new Sayings(this.#journal, this.#clock);
  readonly #sequence: Sequence;
  readonly #breakage: Breakage;
  readonly #beneath = new HeapGround();
  readonly #claims = boundedClaims(this.#clock);
  readonly #instances: Instance[] = [];
  #clients: ModelClient[] = [];
  /** The entity-tag that each user saw last of each target. */
  readonly #seen = new Map<string, string>();
  #started = 0;
  #lastTrouble = 0;
  #movements = 0;

  constructor(sequence: Sequence, breakage: Breakage) {
    this.#sequence = sequence;
    this.#breakage = breakage;
    while (this.#instances.length < sequence.instances) this.#instances.push(this.#begun());
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'request':
        // No two come at the same time: what is asked for later is known to be.
        await this.#clock.advance(1, () => this.#settle());
        this.#request(step);
        if (step.settles) await this.#settle();
        break;
      case 'script':
        this.#sayings.say(urlOf(targetAt(step.target)), step.script);
        break;
      case 'change':
        this.#sayings.change(urlOf(targetAt(step.target)));
        break;
      case 'release':
        this.#sayings.release(step.how);
        await this.#settle();
        break;
      case 'leave':
        this.#clients.find(({ end }) => end === 'open')?.leave();
        await this.#settle();
        break;
      case 'purge':
        this.#purge(step);
        if (step.settles) await this.#settle();
        break;
      case 'pass':
        await this.#settle();
        await this.#clock.advance(step.ms, () => this.#settle());
        break;
      case 'turn':
        for (let round = 0; round < step.count; round++) await this.#turn();
        break;
      case 'jump':
        // Who reads what another process has put there has no other clock to go by.
        if (this.#sequence.shelf === 'memory') this.#clock.jump(step.ms);
        break;
      case 'trouble':
        this.#instance(step.instance).suffer(step.trouble);
        this.#lastTrouble = this.#journal.next();
        break;
      case 'restart':
        await this.#restart(step.instance, step.isCrash);
        break;
    }
    this.#checkBounds();
  }

  /** Everybody gets the end of their answers, and what was held for them is let go. */
  async end(): Promise<void> {
    for (const instance of this.#instances) instance.suffer({ kind: 'over' });
    await this.#settle();
    await this.#clock.advance(deadlineMs, () => this.#settle());
    const waiting = this.#clients.find(({ end }) => end === 'open');
    if (waiting !== undefined) this.#found({ invariant: 'I8', says: `request ${waiting.asking.number} has no end` });
    for (const instance of this.#instances) {
      if (instance.origin.open > 0)
        this.#found({ invariant: 'I7', says: `${instance.origin.open} requests to the origin have no end` });
      await instance.empty();
    }
    await this.#settle();
    for (const { stats } of this.#instances) {
      const { bytesUsed, responses } = stats;
      if (bytesUsed + responses > 0)
        this.#found({ invariant: 'I7', says: `${bytesUsed} bytes of nothing, ${responses} responses` });
    }
    for (const instance of this.#instances) await instance.close();
  }

  #begun(): Instance {
    return new Instance(++this.#started, {
      sequence: this.#sequence,
      sayings: this.#sayings,
      beneath: this.#beneath,
      claims: this.#claims,
      breakage: this.#breakage,
      moved: () => this.#moved(),
    });
  }

  #instance(index: number): Instance {
    const instance = this.#instances[index] ?? this.#instances[0];
    if (instance === undefined) throw new Error('no instance');
    return instance;
  }

  #request(step: RequestStep): void {
    const instance = this.#instance(step.instance);
    const { askings } = this.#journal;
    const number = askings.size + 1;
    const url = urlOf(targetAt(step.target));
    if (this.#sayings.scriptOf(url) === undefined) return;
    const fields = this.#fieldsOf(step, number);
    const asking = {
      number,
      step,
      url,
      fields,
      of: instance.number,
      at: this.#journal.next(),
      time: this.#clock.steady(),
    };
    askings.set(number, asking);
    const client = new ModelClient(asking, {
      now: () => this.#clock.steady(),
      moved: () => this.#moved(),
      ended: () => this.#ended(client),
    });
    this.#clients.push(client);
    const isPlain = step.isPlain && (step.method === 'GET' || step.method === 'HEAD');
    const hit = isPlain ? instance.handler.hit?.(client.request, client.exchange.client) : undefined;
    if (hit === undefined) instance.handler.handle(client.exchange);
    else client.take(hit);
  }

  #fieldsOf(step: RequestStep, number: number): ReadonlyMap<string, string> {
    const { user, credentials, language, control, range, isConditional } = step;
    const fields = new Map([
      ['host', targetAt(step.target).authority],
      [causeField, String(number)],
    ]);
    if (credentials === 'cookie') fields.set('cookie', `user=${user}`);
    if (credentials === 'authorization') fields.set('authorization', `Basic ${user}`);
    if (language !== undefined) fields.set('accept-language', language);
    if (control !== undefined) fields.set('cache-control', control);
    const isRead = step.method === 'GET' || step.method === 'HEAD';
    if (range !== undefined && isRead) fields.set('range', range);
    const tag = this.#seen.get(`${user} ${step.target}`);
    if (isConditional && isRead && tag !== undefined) fields.set('if-none-match', tag);
    return fields;
  }

  #ended(client: ModelClient): void {
    const { asking, head } = client;
    const { step, url, of } = asking;
    this.#found(violationOf(client, this.#journal, this.#sayings));
    const tag = head && fieldValue(head.fields, 'etag');
    if (tag !== undefined) this.#seen.set(`${step.user} ${step.target}`, tag);
    const isUnsafe = step.method === 'POST' || step.method === 'DELETE';
    if (!isUnsafe || head === undefined || head.status >= 400 || client.end !== 'complete') return;
    const answered = [...this.#journal.heads.values()].find(({ cause }) => cause === asking.number);
    if (answered?.sent === undefined) return;
    this.#journal.orders.push({
      kind: 'invalidation',
      at: answered.sent.at,
      time: answered.sent.time,
      isAbout: (each) => each === url,
      by: of,
      inForceAt: this.#journal.next(),
      everywhereAt: undefined,
    });
  }

  #purge({ instance: index, by, target: at, mode }: Extract<Step, { kind: 'purge' }>): void {
    const instance = this.#instance(index);
    const target = targetAt(at);
    const order: Order = {
      kind: mode,
      at: this.#journal.next(),
      time: this.#clock.steady(),
      isAbout: aboutOf(by, urlOf(target)),
      by: instance.number,
      inForceAt: undefined,
      everywhereAt: undefined,
    };
    this.#journal.orders.push(order);
    void instance.operations.purge(selectionOf(by, target), mode).then(({ unheard }) => {
      if (!instance.isAlive) return;
      order.inForceAt = this.#journal.next();
      if (unheard === undefined) order.everywhereAt = order.inForceAt;
      this.#moved();
    });
  }

  async #restart(index: number, isCrash: boolean): Promise<void> {
    const instance = this.#instance(index);
    if (!isCrash) await this.#settle();
    const its = this.#clients.filter(({ asking, end }) => asking.of === instance.number && end === 'open');
    for (const client of its) client.cutOff();
    if (isCrash) instance.crash();
    else await instance.close();
    this.#breakage.restarted?.(this.#beneath);
    this.#instances[this.#instances.indexOf(instance)] = this.#begun();
  }

  #moved(): void {
    this.#movements += 1;
  }

  #found(violation: Violation | undefined): void {
    this.violation ??= violation;
  }

  /** Until nothing has moved for some rounds of the event loop. */
  async #settle(): Promise<void> {
    for (let round = 0, quiet = 0; quiet < quietRounds && round < maxRounds; round++) {
      const before = this.#movements;
      await this.#turn();
      quiet = this.#movements === before ? quiet + 1 : 0;
    }
    this.#noteInForce();
  }

  async #turn(): Promise<void> {
    for (const { origin } of this.#instances) origin.answerNew();
    await new Promise(setImmediate);
  }

  /** Of an invalidation nobody is told when it is in force elsewhere: when all is quiet, unless somebody can't be reached. */
  #noteInForce(): void {
    const at = this.#journal.next();
    if (this.#instances.some(({ isTroubled }) => isTroubled)) this.#lastTrouble = at;
    for (const order of this.#journal.orders) {
      const isKnown = order.kind === 'invalidation' && order.inForceAt !== undefined && order.at > this.#lastTrouble;
      if (isKnown && this.#isAlive(order.by)) order.everywhereAt ??= at;
    }
  }

  #isAlive(number: number): boolean {
    return this.#instances.some((instance) => instance.number === number);
  }

  #checkBounds(): void {
    for (const { stats, origin } of this.#instances) {
      const { bytesUsed } = stats;
      // Beyond the limit each answer that is under way may hold one block, for who is just getting it.
      const bytesLimit = stats.bytesLimit + origin.open * blockBytes;
      if (bytesUsed > bytesLimit) this.#found({ invariant: 'I7', says: `${bytesUsed} bytes of ${bytesLimit}` });
    }
    const rows = [...this.#beneath.rows.values()].map((row) => row.size);
    // A call to take the oldest off may have failed: the next response that is put there makes up for it.
    if (this.#lastTrouble === 0 && rows.some((size) => size > maxVariants))
      this.#found({ invariant: 'I7', says: `${Math.max(...rows)} variants of one target` });
    for (const asking of this.#journal.askings.values()) this.#found(askedTrouble(asking, this.#journal));
    const late = this.#clients.find(
      ({ end, asking }) => end === 'open' && this.#clock.steady() - asking.time > deadlineMs,
    );
    if (late !== undefined) this.#found({ invariant: 'I8', says: `request ${late.asking.number} has no end` });
    this.#clients = this.#clients.filter(({ end }) => end === 'open');
  }
}

/** A stream takes a few rounds from one end to the other, and a shelf that answers later some more. */
const quietRounds = 6;
const maxRounds = 2_000;
