import type { ReloadOutcome } from '../admin/parts.ts';
import type { Settings } from '../config/settings.ts';
import type { Channel } from './channel.ts';
import { ClaimTable } from './claim-table.ts';
import { countedBy, type FigureLedger, type Leaving } from './figure-ledger.ts';
import { answerMs, maxTails } from './limits.ts';
import type { Answered, Question, QuestionKind, Told, ToPrimary, ToWorker } from './messages.ts';
import { RollCall } from './roll-call.ts';

/** A worker, as the primary process knows it. */
interface Member {
  readonly worker: number;
  readonly instance: string;
  readonly channel: Channel<ToWorker, ToPrimary>;
  /** The kinds of questions that it answers so far. */
  readonly takes: Set<QuestionKind>;
  /** The settings that all were told to take last, when it joined; undefined where they never were. */
  readonly joinedUnder: Settings | undefined;
}

/** As whose question it is that nobody waits for. */
const nobody = 0;

/** Where the ways of all workers meet, in the primary process: what one asks the others goes through it, and it knows who claims what. */
export class Hub {
  readonly #members = new Map<number, Member>();
  readonly #claims = new ClaimTable(({ worker, call }) => this.#send(worker, { kind: 'over', call }));
  readonly #rollCall: RollCall;
  readonly #ledger: FigureLedger;
  /** The tails that are followed, by the worker that follows. */
  readonly #tails = new Map<string, number>();
  readonly #reload: () => Promise<ReloadOutcome>;
  #latest: Settings | undefined;

  /** `steady`: in milliseconds, and never set back. `ledger` is told all figures that pass; `reload` reads the configuration anew, for a worker that is asked to. */
  constructor(steady: () => number, ledger: FigureLedger, reload: () => Promise<ReloadOutcome>) {
    this.#rollCall = new RollCall(steady);
    this.#ledger = ledger;
    this.#reload = reload;
  }

  /** Has all workers take these settings. What became of it at one of them became of it at all, as they all run by the same; but one that is leaving takes none. */
  async take(settings: Settings, warnings: readonly string[], isLogged: boolean): Promise<ReloadOutcome> {
    this.#latest = settings;
    const whom = this.#taking('reload');
    const newest = whom.at(-1);
    const answers = await this.#rollCall.call(whom, answerMs.reload, (worker, asking) => {
      const isNewest = worker === newest?.worker;
      const question = { kind: 'reload', settings, warnings, isLogged: isLogged && isNewest } as const;
      this.#send(worker, { kind: 'question', asking, question });
    });
    const outcomes = answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer as ReloadOutcome]));
    const outcome = outcomes.find(({ kind }) => kind === 'reloaded') ?? outcomes[0];
    if (outcome?.kind !== 'reloaded') return outcome ?? { kind: 'refused', problem: 'no worker answers' };
    const silent = answers.filter(({ ms }) => ms === undefined).map(({ instance }) => instance);
    const told = silent.map((instance) => `${instance} has not said that it has taken the configuration`);
    return { ...outcome, warnings: [...outcome.warnings, ...told] };
  }

  /** From now on it may ask and be asked. */
  join(worker: number, instance: string, channel: Channel<ToWorker, ToPrimary>): void {
    this.#members.set(worker, { worker, instance, channel, takes: new Set(), joinedUnder: this.#latest });
    channel.listen((message) => this.#hear(worker, message));
  }

  /** It has gone: what it claimed is free, what it followed is followed no more, and what it counted is kept. */
  leave(worker: number, how: Leaving): void {
    if (!this.#members.delete(worker)) return;
    this.#claims.leave(worker);
    this.#rollCall.leave(worker);
    this.#ledger.leave(worker, how);
    for (const [tail, owner] of this.#tails) if (owner === worker) this.#unfollow(tail);
  }

  #hear(worker: number, message: ToPrimary): void {
    if (message.kind === 'takes') this.#nowTakes(worker, message.of);
    else if (message.kind === 'here') return;
    else if (message.kind === 'ask') void this.#ask(worker, message);
    else if (message.kind === 'gather') void this.#gather(worker, message.call);
    else if (message.kind === 'reload') void this.#reloadFor(worker, message.call);
    else if (message.kind === 'answer') this.#rollCall.answer(worker, message.asking, message.answer);
    else if (message.kind === 'figures') this.#ledger.note(worker, message.figures);
    else if (message.kind === 'release') this.#claims.release({ worker, call: message.call });
    else if (message.kind === 'claim') {
      const { call, name } = message;
      this.#send(worker, { kind: this.#claims.claim(name, { worker, call }), call });
    } else this.#hearOfTail(worker, message);
  }

  #nowTakes(worker: number, kind: QuestionKind): void {
    const member = this.#members.get(worker);
    member?.takes.add(kind);
    this.#send(worker, { kind: 'taken', of: kind });
    const settings = this.#latest;
    // It may have begun with what was in force before a reload that it could not hear of.
    if (kind !== 'reload' || settings === undefined || member?.joinedUnder === settings) return;
    const question = { kind, settings, warnings: [], isLogged: false } as const;
    this.#send(worker, { kind: 'question', asking: nobody, question });
  }

  #hearOfTail(worker: number, message: ToPrimary): void {
    if (message.kind === 'tells') {
      for (const tail of this.#tails.keys()) this.#send(worker, { kind: 'follow', tail });
    } else if (message.kind === 'record') {
      const owner = this.#tails.get(message.tail);
      if (owner !== undefined) this.#send(owner, { kind: 'record', tail: message.tail, record: message.record });
    } else if (message.kind === 'follow' && this.#tails.size < maxTails) {
      this.#tails.set(message.tail, worker);
      this.#sendOthers(worker, { kind: 'follow', tail: message.tail });
    } else if (message.kind === 'unfollow' && this.#tails.get(message.tail) === worker) {
      this.#unfollow(message.tail);
    }
  }

  #unfollow(tail: string): void {
    const owner = this.#tails.get(tail);
    this.#tails.delete(tail);
    if (owner !== undefined) this.#sendOthers(owner, { kind: 'unfollow', tail });
  }

  async #ask(worker: number, { call, question }: Extract<ToPrimary, { kind: 'ask' }>): Promise<void> {
    const others = this.#taking(question.kind).filter((member) => member.worker !== worker);
    this.#send(worker, { kind: 'answers', call, answers: await this.#answersOf(others, question) });
  }

  async #gather(worker: number, call: number): Promise<void> {
    const whom = this.#taking('figures');
    const answers = await this.#answersOf(whom, { kind: 'figures' });
    const answered = answers.map(({ instance, ms }) => ({ instance, ms, counted: this.#countedBy(instance, whom) }));
    const { all: figures, deaths, silentDeaths, lostLogLines } = this.#ledger;
    this.#send(worker, { kind: 'gathered', call, gathered: { figures, answered, deaths, silentDeaths, lostLogLines } });
  }

  #countedBy(instance: string, whom: readonly Member[]): Told['counted'] {
    const member = whom.find((each) => each.instance === instance);
    return member && countedBy(this.#ledger.of(member.worker));
  }

  async #reloadFor(worker: number, call: number): Promise<void> {
    this.#send(worker, { kind: 'reloaded', call, outcome: await this.#reload() });
  }

  #taking(kind: QuestionKind): Member[] {
    return [...this.#members.values()].filter(({ takes }) => takes.has(kind));
  }

  #answersOf(whom: readonly Member[], question: Question): Promise<Answered[]> {
    return this.#rollCall.call(whom, answerMs[question.kind], (worker, asking) => {
      this.#send(worker, { kind: 'question', asking, question });
    });
  }

  #send(worker: number, message: ToWorker): void {
    void this.#members.get(worker)?.channel.send(message);
  }

  #sendOthers(worker: number, message: ToWorker): void {
    for (const other of this.#members.keys()) if (other !== worker) this.#send(other, message);
  }
}
