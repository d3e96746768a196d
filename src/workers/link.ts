import type { ReloadOutcome } from '../admin/parts.ts';
import type { Channel } from './channel.ts';
import { answerMs } from './limits.ts';
import type { Answered, Gathered, Question, QuestionKind, ToPrimary, ToWorker } from './messages.ts';

type QuestionOf<Kind extends QuestionKind> = Extract<Question, { kind: Kind }>;

/** What the primary process answers to a call of a link. Claims have calls, too, with numbers of their own. */
type Answer = Extract<ToWorker, { kind: 'answers' | 'gathered' | 'reloaded' }>;

/** More than the primary process waits itself, in milliseconds: it is asked on the same machine. */
const graceMs = 500;

/** What a worker asks the others, by way of the primary process, and what it answers them. */
export class Link {
  readonly #channel: Channel<ToPrimary, ToWorker>;
  readonly #answers = new Map<QuestionKind, (question: Question) => unknown>();
  readonly #taken = new Map<QuestionKind, () => void>();
  readonly #open = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(channel: Channel<ToPrimary, ToWorker>) {
    this.#channel = channel;
    channel.listen((message) => {
      if (message.kind === 'question') void this.#answer(message.asking, message.question);
      else if (message.kind === 'taken') this.#taken.get(message.of)?.();
      else if (isAnswer(message)) this.#open.get(message.call)?.(message);
    });
  }

  /** Sets what answers questions of a kind, once; until then it is not asked for that. What throws is no answer. Resolves when the primary process knows: from then on it is asked whatever others ask. */
  answers<Kind extends QuestionKind>(kind: Kind, answer: (question: QuestionOf<Kind>) => unknown): Promise<void> {
    this.#answers.set(kind, answer as (question: Question) => unknown);
    const taken = new Promise<void>((resolve) => this.#taken.set(kind, resolve));
    void this.#channel.send({ kind: 'takes', of: kind });
    return taken;
  }

  /** What the others answer, as far as they do in time; nothing where not even the primary process does. */
  async ask(question: Question): Promise<readonly Answered[]> {
    const answered = await this.#call((call) => ({ kind: 'ask', call, question }), answerMs[question.kind]);
    return answered?.kind === 'answers' ? answered.answers : [];
  }

  /** What all workers have counted; undefined where the primary process does not tell. */
  async gather(): Promise<Gathered | undefined> {
    const answered = await this.#call((call) => ({ kind: 'gather', call }), answerMs.figures);
    return answered?.kind === 'gathered' ? answered.gathered : undefined;
  }

  /** Has the configuration read anew, for all workers. */
  async reload(): Promise<ReloadOutcome> {
    const answered = await this.#call((call) => ({ kind: 'reload', call }), answerMs.reload);
    if (answered?.kind === 'reloaded') return answered.outcome;
    return { kind: 'refused', problem: 'the process that has the configuration does not answer' };
  }

  async #answer(asking: number, question: Question): Promise<void> {
    try {
      const answer = await this.#answers.get(question.kind)?.(question);
      await this.#channel.send({ kind: 'answer', asking, answer });
    } catch {
      // Whoever has asked waits for a bounded time.
    }
  }

  async #call(message: (call: number) => ToPrimary, waitMs: number): Promise<Answer | undefined> {
    const call = ++this.#last;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer | undefined>((resolve) => {
        this.#open.set(call, resolve);
        timer = setTimeout(() => resolve(undefined), waitMs + graceMs);
        void this.#channel.send(message(call));
      });
    } finally {
      clearTimeout(timer);
      this.#open.delete(call);
    }
  }
}

function isAnswer(message: ToWorker): message is Answer {
  return message.kind === 'answers' || message.kind === 'gathered' || message.kind === 'reloaded';
}
