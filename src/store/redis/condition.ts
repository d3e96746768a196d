import { nameOf } from './address.ts';
import type { Server } from './server.ts';
import type { ClusterEvents } from './cluster.ts';
import { RedisRefusal } from './connection.ts';
import { remedyOf, remedyOfForbidden } from './remedy.ts';

/** For so long nothing is put anywhere after it was refused. */
const refusedMs = 1000;

export interface ConditionParts {
  /** Where it is, in a few words. */
  readonly place: string;
  /** What may be in no line, whatever a server says. */
  readonly secret: string | undefined;
  readonly say: (line: string) => void;
}

/** How Redis is, told in one line for each change. */
export class Condition {
  /** What is told of a cluster beside its servers. */
  readonly ofCluster: Pick<ClusterEvents, 'noCluster' | 'learned'> = {
    noCluster: (server, reason) => this.#noCluster(server, reason),
    learned: () => this.#learned(),
  };
  readonly #secret: string | undefined;
  readonly #say: (line: string) => void;
  readonly #down = new Set<string>();
  #refusedUntil = Number.NEGATIVE_INFINITY;
  #isRefused = false;
  #isDeaf = false;
  #isNoCluster = false;

  constructor({ place, secret, say }: ConditionParts) {
    this.#secret = secret;
    this.#say = (line) => say(`store ${place}: ${line}`);
  }

  /** Whether records are put there at the moment. */
  get takesRecords(): boolean {
    return performance.now() >= this.#refusedUntil;
  }

  up({ endpoint }: Server): void {
    if (this.#down.delete(nameOf(endpoint))) this.#say(`${nameOf(endpoint)} is in use again`);
  }

  down({ endpoint, remedy }: Server, reason: Error): void {
    this.#down.add(nameOf(endpoint));
    const how = remedy === undefined ? 'is not used for now' : "can't be used as it is";
    this.#say(`${nameOf(endpoint)} ${how}, requests go on without it ${this.#why(reason, remedy)}`);
  }

  /** Others are heard again, or at first. */
  hears(): void {
    if (this.#isDeaf) this.#say('orders of others are heard again');
    this.#isDeaf = false;
  }

  /** Others are not heard: told where nothing else is the matter. */
  hearsNot(reason: Error): void {
    if (this.#isDeaf || !(reason instanceof RedisRefusal) || this.#down.size > 0) return;
    this.#isDeaf = true;
    this.#say(`orders of others are heard late ${this.#why(reason, remedyOfForbidden(reason))}`);
  }

  /** A record could not be put. */
  refused(error: Error): void {
    if (!(error instanceof RedisRefusal)) return;
    this.#refusedUntil = performance.now() + refusedMs;
    if (!this.#isRefused) this.#say(`records are not taken ${this.#why(error, remedyOfForbidden(error))}`);
    this.#isRefused = true;
  }

  /** A record was put. */
  taken(): void {
    if (this.#isRefused) this.#say('records are taken again');
    this.#isRefused = false;
  }

  #noCluster({ endpoint }: Server, reason: Error): void {
    if (this.#isNoCluster) return;
    this.#isNoCluster = true;
    const why = this.#why(reason, remedyOf(reason, endpoint, true));
    this.#say(`${nameOf(endpoint)} can't be used as it is, requests go on without it ${why}`);
  }

  #learned(): void {
    if (this.#isNoCluster) this.#say('the cluster is in use now');
    this.#isNoCluster = false;
  }

  /** In one line, and without what is secret. */
  #why(error: Error, remedy?: string): string {
    const isSafe =
      !(error instanceof RedisRefusal) || this.#secret === undefined || !error.message.includes(this.#secret);
    const reason = isSafe
      ? error.message.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 200)
      : 'what it says has the password in it';
    return remedy === undefined ? `(${reason})` : `(${reason}): ${remedy}`;
  }
}
