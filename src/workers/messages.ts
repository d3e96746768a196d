import type { RequestHead } from '../http/message.ts';
import type { Metric } from '../observe/exposition.ts';
import type { StatisticsSnapshot, TailRecord, TopOrder, TopRow } from '../observe/statistics.ts';
import type { Sharing } from '../store/disk/owner.ts';
import type { ForetoldOrder, NumberedOrder } from '../store/orders.ts';
import type { Settings } from '../config/settings.ts';
import type { ReloadOutcome } from '../admin/parts.ts';

/** What one worker has counted since it began. */
export interface Figures {
  readonly metrics: readonly Metric[];
  readonly snapshot: StatisticsSnapshot;
  readonly top: Readonly<Record<TopOrder, readonly TopRow[]>>;
}

/** What is asked of other workers. */
export type Question =
  /** To put an order in force that was given at another worker; the answer is that it is. */
  | { readonly kind: 'order'; readonly order: NumberedOrder }
  /** The same of one that has no number yet. */
  | { readonly kind: 'foretold'; readonly order: ForetoldOrder }
  /** To tell its `Figures`; the answer is that it has. */
  | { readonly kind: 'figures' }
  /** What this worker alone knows of a request (`Operations.inspect`). */
  | { readonly kind: 'inspect'; readonly request: RequestHead }
  /** To take these settings, as a reload does; the answer is what became of it. `isLogged`: this one is to write it to the access log, as nobody else will. */
  | {
      readonly kind: 'reload';
      readonly settings: Settings;
      readonly warnings: readonly string[];
      readonly isLogged: boolean;
    };

export type QuestionKind = Question['kind'];

/** What came of asking one worker. */
export interface Answered {
  readonly instance: string;
  /** Milliseconds until the answer was there; undefined where none came in time. */
  readonly ms: number | undefined;
  readonly answer: unknown;
}

/** How one worker is. */
export interface Told extends Omit<Answered, 'answer'> {
  /** Undefined where nothing was heard of it so far. */
  readonly counted: Pick<StatisticsSnapshot, 'requests' | 'uptimeSeconds'> | undefined;
}

/** What all workers have counted. */
export interface Gathered {
  /** One for each worker that runs, and one for all that have ended. Of one that has not answered, it is what was last heard of it. */
  readonly figures: readonly Figures[];
  readonly answered: readonly Told[];
  /** Workers that ended without having been asked to. */
  readonly deaths: number;
  /** Of those, the ones that were killed as they did not answer. */
  readonly silentDeaths: number;
  /** Lines of the access log that the primary process has lost. */
  readonly lostLogLines: number;
}

/** What a worker needs to begin. */
export interface Beginning {
  /** As receipts and complaints name it. */
  readonly instance: string;
  /** Our pseudonym in Via: that of all workers, as a request that comes back to another of them is in a loop as well. */
  readonly viaName: string;
  /** A name that the worker has which takes its place one day. */
  readonly place: string;
  /** By which a shelf on a disk knows that whoever opens it belongs to those who have it. */
  readonly sharing: Sharing;
  /** How many workers there are to be, who share the memory. */
  readonly count: number;
  readonly settings: Settings;
}

export type ToWorker =
  | { readonly kind: 'begin'; readonly beginning: Beginning }
  | { readonly kind: 'question'; readonly asking: number; readonly question: Question }
  | { readonly kind: 'are-you-there' }
  /** Of questions of that kind none will be missed from now on. */
  | { readonly kind: 'taken'; readonly of: QuestionKind }
  | { readonly kind: 'answers'; readonly call: number; readonly answers: readonly Answered[] }
  | { readonly kind: 'gathered'; readonly call: number; readonly gathered: Gathered }
  | { readonly kind: 'granted'; readonly call: number }
  | { readonly kind: 'elsewhere'; readonly call: number }
  /** What was claimed elsewhere is no more. */
  | { readonly kind: 'over'; readonly call: number }
  /** Somebody at another worker wants to hear of the requests that end here. */
  | { readonly kind: 'follow'; readonly tail: string }
  | { readonly kind: 'unfollow'; readonly tail: string }
  | { readonly kind: 'record'; readonly tail: string; readonly record: TailRecord }
  | { readonly kind: 'reloaded'; readonly call: number; readonly outcome: ReloadOutcome }
  | { readonly kind: 'reopen-log' }
  /** To take no more connections, let its clients go politely, and end: another listens in its place. */
  | { readonly kind: 'retire' }
  /** To finish what is under way, and end. */
  | { readonly kind: 'stop' };

export type ToPrimary =
  /** It answers. */
  | { readonly kind: 'here' }
  /** Of all other workers. */
  | { readonly kind: 'ask'; readonly call: number; readonly question: Question }
  /** For what all have counted, this one among them. */
  | { readonly kind: 'gather'; readonly call: number }
  /** From now on it answers questions of that kind. */
  | { readonly kind: 'takes'; readonly of: QuestionKind }
  | { readonly kind: 'answer'; readonly asking: number; readonly answer: unknown }
  | { readonly kind: 'claim'; readonly call: number; readonly name: string }
  | { readonly kind: 'release'; readonly call: number }
  | { readonly kind: 'figures'; readonly figures: Figures }
  /** From now on it tells of the requests that end there, to those who follow them. */
  | { readonly kind: 'tells' }
  | { readonly kind: 'follow'; readonly tail: string }
  | { readonly kind: 'unfollow'; readonly tail: string }
  | { readonly kind: 'record'; readonly tail: string; readonly record: TailRecord }
  | { readonly kind: 'reload'; readonly call: number }
  | { readonly kind: 'begin-me' }
  | { readonly kind: 'ready'; readonly urls: readonly string[]; readonly adminUrl: string | undefined }
  /** It can't listen; what it said is for whoever started Etagere. */
  | { readonly kind: 'failed'; readonly complaint: string; readonly exitCode: 1 | 2 };
