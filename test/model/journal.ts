import type { EpochMs } from '../../src/http/message.ts';
import type { Description } from '../harness/described-content.ts';
import type { RequestStep } from './sequence.ts';

/** What the origin was asked, and the head that it answered with, as it left. */
export interface SentHead {
  /** Every head has a field of this number, so that a response tells which heads it was made from. */
  readonly number: number;
  /** The client request for which it was asked; those of background validations, too. */
  readonly cause: number;
  readonly url: string;
  readonly method: string;
  readonly requestFields: ReadonlyMap<string, string>;
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  /** Of what it is the head. */
  readonly identity: Description;
  /** In the order of all that happens. */
  readonly askedAt: number;
  readonly requestTime: EpochMs;
  /** Undefined until it has left. */
  sent: Sent | undefined;
}

/** When a head left. */
export interface Sent {
  /** In the order of all that happens. */
  readonly at: number;
  readonly time: EpochMs;
  readonly wallTime: EpochMs;
}

/** A request that the origin got. */
export interface Asked {
  readonly cause: number;
  readonly method: string;
  readonly url: string;
  /** In the order of all that happens. */
  readonly at: number;
  readonly time: EpochMs;
}

/** That the origin has failed to answer, or to answer well. */
export interface Failure {
  readonly url: string;
  readonly at: number;
}

/** A purge, or an unsafe request that was answered without an error: nothing of before may be used after it. */
export interface Order {
  readonly kind: 'soft' | 'hard' | 'invalidation';
  /** When it was given, in the order of all that happens: what was asked for before is what it is about. */
  readonly at: number;
  readonly time: EpochMs;
  readonly isAbout: (url: string, fields: ReadonlyMap<string, string>) => boolean;
  /** By whom it was given, and since when it is in force there. */
  readonly by: number;
  inForceAt: number | undefined;
  /** Since when it is in force for everybody. */
  everywhereAt: number | undefined;
}

/** A client's request as it was sent. */
export interface Asking {
  readonly number: number;
  readonly step: RequestStep;
  readonly url: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Of whom: an instance is another one after a restart. */
  readonly of: number;
  readonly at: number;
  readonly time: EpochMs;
}

/** All that happened in a sequence, in its order. */
export class Journal {
  readonly heads = new Map<number, SentHead>();
  readonly asked: Asked[] = [];
  readonly failures: Failure[] = [];
  readonly orders: Order[] = [];
  readonly askings = new Map<number, Asking>();
  #count = 0;

  /** The place of what happens now in the order of all that happens. */
  next(): number {
    return ++this.#count;
  }
}

/** The field by which a client request is known to the origin. */
export const causeField = 'x-cause';
/** What the names of the fields begin with that tell from which heads a response was made. */
export const headFieldPrefix = 'x-head-';
