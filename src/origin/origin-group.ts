import type { ErrorCode, EtagereError } from '../errors.ts';
import { type Fields, fieldsOf, fieldsTaken, withField } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from './origin.ts';
import { type CheckThresholds, type Ejection, ServerHealth } from './server-health.ts';

/** One of the servers that answer alike. */
export interface GroupServer {
  readonly origin: Origin;
  /** Sent as Host, unless the client's is. */
  readonly authority: string;
  readonly weight: number;
}

/** What is asked of each server to find out how it is. */
export interface HealthCheck extends CheckThresholds {
  /** Path and query. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Statuses that are good, from and to inclusive. */
  readonly statuses: readonly (readonly [from: number, to: number])[];
}

/** Time, as a group reads it. */
export interface GroupClock {
  steady(): number;
  /** Calls back once, after that many milliseconds; the result takes it back. */
  schedule(delayMs: number, callback: () => void): () => void;
}

export interface GroupOptions {
  readonly preserveHost: boolean;
  readonly ejection: Ejection | undefined;
  readonly healthCheck: HealthCheck | undefined;
  readonly clock: GroupClock;
}

/** How a server is, for whoever watches. */
export interface ServerState {
  readonly url: string;
  readonly isUp: boolean;
}

interface Member extends GroupServer {
  readonly health: ServerHealth;
  /** For the smooth turn: grows by the weight at each turn, and goes back by all weights when it is chosen. */
  credit: number;
}

/** Errors before anything was sent: another server can be asked as if this one had never been. */
const unsent: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ORIGIN_REFUSED',
  'ORIGIN_UNREACHABLE',
  'ORIGIN_NAME_UNKNOWN',
  'ORIGIN_CONNECT_TIMEOUT',
]);

/** By which a server says that it can't do its work just now. */
const failingStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Servers that answer alike, as one origin: each in its turn, by weight; those that fail, by what their answers or checks tell, are left out for a while. Where none is left all
 * are asked: a guess about their health must not be what makes an outage. A request that could not be sent goes to the next one.
 */
export class OriginGroup implements Origin {
  readonly url: string;
  readonly #members: readonly Member[];
  readonly #options: GroupOptions;
  readonly #stops = new Set<() => void>();
  #isClosed = false;

  constructor(servers: readonly GroupServer[], options: GroupOptions) {
    const { ejection, healthCheck } = options;
    this.#options = options;
    this.#members = servers.map((server) => ({
      ...server,
      health: new ServerHealth(ejection, healthCheck),
      credit: 0,
    }));
    this.url = servers[0]?.origin.url ?? '';
    if (healthCheck !== undefined) for (const member of this.#members) this.#checkLater(member, healthCheck, 0);
  }

  request(request: OriginRequest, handler: OriginHandler): OriginCall {
    const call = new GroupCall(request, handler, this);
    call.begin();
    return call;
  }

  stats(): OriginStats {
    let active = 0;
    let queued = 0;
    for (const { origin } of this.#members) {
      const stats = origin.stats();
      active += stats.active;
      queued += stats.queued;
    }
    return { active, queued };
  }

  /** How each server is. */
  states(): readonly ServerState[] {
    const now = this.#options.clock.steady();
    return this.#members.map(({ origin, health }) => ({ url: origin.url, isUp: health.isUp(now) }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#stops.clear();
    await Promise.all(this.#members.map(({ origin }) => origin.close()));
  }

  /** The server whose turn it is, of those that were not tried: the next request goes to it. */
  next(tried: ReadonlySet<Member>): Member | undefined {
    const now = this.#options.clock.steady();
    const left = this.#members.filter((member) => !tried.has(member));
    const up = left.filter(({ health }) => health.isUp(now));
    // Only where none was tried: a failover to a server that is known to fail helps nobody.
    const candidates = up.length === 0 && tried.size === 0 ? left : up;
    let chosen: Member | undefined;
    let total = 0;
    for (const member of candidates) {
      member.credit += member.weight;
      total += member.weight;
      if (chosen === undefined || member.credit > chosen.credit) chosen = member;
    }
    if (chosen !== undefined) chosen.credit -= total;
    return chosen;
  }

  /** The request as that server is to get it. */
  addressed(request: OriginRequest, { authority }: Member): OriginRequest {
    if (this.#options.preserveHost || this.#members.length === 1) return request;
    return { ...request, fields: hostFirst(request.fields, authority) };
  }

  answered({ health }: Member, status: number): void {
    if (failingStatuses.has(status)) health.failed(this.#options.clock.steady());
    else health.succeeded();
  }

  failed({ health }: Member, { code }: EtagereError): void {
    // All others say more of the request, or of us.
    if (code.startsWith('ORIGIN_') && code !== 'ORIGIN_BUSY') health.failed(this.#options.clock.steady());
  }

  #checkLater(member: Member, check: HealthCheck, delayMs: number): void {
    if (this.#isClosed) return;
    const stop = this.#options.clock.schedule(delayMs, () => {
      this.#stops.delete(stop);
      this.#check(member, check);
    });
    this.#stops.add(stop);
  }

  #check(member: Member, check: HealthCheck): void {
    let isOver = false;
    const settle = (isGood: boolean): void => {
      if (isOver) return;
      isOver = true;
      stopWaiting();
      this.#stops.delete(stopWaiting);
      member.health.checked(isGood);
      this.#checkLater(member, check, check.intervalMs);
    };
    const stopWaiting = this.#options.clock.schedule(check.timeoutMs, () => {
      call.abort();
      settle(false);
    });
    this.#stops.add(stopWaiting);
    const fields = fieldsOf(['host', member.authority], ['user-agent', 'etagere-health-check']);
    const call = member.origin.request(
      { method: 'GET', target: check.path, fields, content: null },
      {
        onInterim: () => undefined,
        onHead: ({ status }) => settle(check.statuses.some(([from, to]) => status >= from && status <= to)),
        onData: () => undefined,
        onEnd: () => undefined,
        onError: () => settle(false),
      },
    );
  }
}

/** Host comes first in a request (RFC 9110 §7.2). */
function hostFirst(fields: Fields, authority: string): Fields {
  if (fields[0] !== 'host') return withField(fields, 'host', authority);
  return fieldsTaken(fields.with(1, authority));
}

/** One request to a group: to a server, and to the next one as long as it could not be sent. */
class GroupCall implements OriginCall, OriginHandler {
  readonly #request: OriginRequest;
  readonly #handler: OriginHandler;
  readonly #group: OriginGroup;
  readonly #tried = new Set<Member>();
  #member: Member | undefined;
  #call: OriginCall | undefined;
  #isPaused = false;
  #hasHead = false;

  constructor(request: OriginRequest, handler: OriginHandler, group: OriginGroup) {
    this.#request = request;
    this.#handler = handler;
    this.#group = group;
  }

  /** Asks the next server; false where none is left. */
  begin(): boolean {
    const member = this.#group.next(this.#tried);
    if (member === undefined) return false;
    this.#tried.add(member);
    this.#member = member;
    this.#call = member.origin.request(this.#group.addressed(this.#request, member), this);
    if (this.#isPaused) this.#call.pause();
    return true;
  }

  pause(): void {
    this.#isPaused = true;
    this.#call?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#call?.resume();
  }

  abort(): void {
    this.#call?.abort();
  }

  onInterim(head: ResponseHead): void {
    this.#handler.onInterim(head);
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    if (this.#member !== undefined) this.#group.answered(this.#member, head.status);
    this.#handler.onHead(head);
  }

  onData(chunk: Uint8Array): void {
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.#handler.onEnd();
  }

  onError(error: EtagereError): void {
    if (this.#member !== undefined) this.#group.failed(this.#member, error);
    // Content can be read once; and what was sent may have been done.
    const mayFailOver = !this.#hasHead && this.#request.content === null && unsent.has(error.code);
    if (!mayFailOver || !this.begin()) this.#handler.onError(error);
  }
}
