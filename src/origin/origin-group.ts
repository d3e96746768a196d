import type { ErrorCode, EtagereError } from '../errors.ts';
import { type Fields, fieldsTaken, withField } from '../http/fields.ts';
import type { ResponseHead } from '../http/message.ts';
import { type GroupClock, type HealthCheck, HealthChecks } from './health-checks.ts';
import { HealthWatch } from './health-watch.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest, OriginStats } from './origin.ts';
import type { ServerChange } from './server-change.ts';
import { type Ejection, ServerHealth } from './server-health.ts';

/** One of the servers that answer alike. */
export interface GroupServer {
  readonly origin: Origin;
  /** The same server, over a connection that no request of a client waits for or holds. Absent where it is not checked. */
  readonly forChecks?: Origin;
  /** Sent as Host, unless the client's is. */
  readonly authority: string;
  readonly weight: number;
}

export interface GroupOptions {
  readonly preserveHost: boolean;
  readonly ejection: Ejection | undefined;
  readonly healthCheck: HealthCheck | undefined;
  readonly clock: GroupClock;
  /** Is told when a server is left out, and when it takes part again. */
  readonly onChange: (change: ServerChange) => void;
}

/** How a server is, for whoever watches. */
export interface ServerState {
  readonly url: string;
  readonly isUp: boolean;
  /** How often it was left out. */
  readonly downs: number;
}

interface Member extends GroupServer {
  readonly health: HealthWatch;
  /** For the smooth turn: grows by the weight at each turn, and goes back by all weights when it is chosen. */
  credit: number;
}

/** Errors before anything was sent: another server can be asked as if this one had never been. */
const unsent: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ORIGIN_REFUSED',
  'ORIGIN_UNREACHABLE',
  'ORIGIN_NAME_UNKNOWN',
  'ORIGIN_CONNECT_TIMEOUT',
  'ORIGIN_BUSY',
]);

/** By which a server says that it can't do its work just now. */
const failingStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Servers that answer alike, as one origin: each in its turn, by weight; those that fail, by what their answers or checks tell, are left out for a while. Where none is left all
 * are asked: a guess about their health must not be what makes an outage. Where requests wait for a server, others have its turn. A request that could not be sent goes to the next one.
 */
export class OriginGroup implements Origin {
  readonly url: string;
  readonly #members: readonly Member[];
  readonly #options: GroupOptions;
  readonly #checks: readonly HealthChecks[];

  constructor(servers: readonly GroupServer[], options: GroupOptions) {
    const { ejection, healthCheck, clock, onChange } = options;
    this.#options = options;
    this.#members = servers.map((server) => ({
      ...server,
      health: new HealthWatch(new ServerHealth(ejection, healthCheck), clock, (cause) =>
        onChange({ url: server.origin.url, cause, isAnyUp: this.states().some(({ isUp }) => isUp) }),
      ),
      credit: 0,
    }));
    this.url = servers[0]?.origin.url ?? '';
    this.#checks = this.#members.flatMap(({ forChecks: origin, authority, health }) =>
      healthCheck === undefined || origin === undefined
        ? []
        : [new HealthChecks({ origin, authority, health }, healthCheck, clock)],
    );
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
    return this.#members.map(({ origin, health }) => ({
      url: origin.url,
      isUp: health.isUp(now),
      downs: health.downs,
    }));
  }

  async close(): Promise<void> {
    // What is broken off by this is no server's doing.
    for (const { health } of this.#members) health.close();
    await Promise.all([...this.#checks, ...this.#members.map(({ origin }) => origin)].map((part) => part.close()));
  }

  /** The server whose turn it is, of those that were not tried: the next request goes to it. */
  next(tried: ReadonlySet<Member>): Member | undefined {
    const now = this.#options.clock.steady();
    const left = this.#members.filter((member) => !tried.has(member));
    const up = left.filter(({ health }) => health.isUp(now));
    // Only where none was tried: a failover to a server that is known to fail helps nobody.
    const willing = up.length === 0 && tried.size === 0 ? left : up;
    // Whoever has all hands full, or hangs, is spared: its share would wait while others are idle.
    const idle = willing.filter(({ origin }) => origin.stats().queued === 0);
    const candidates = idle.length === 0 ? willing : idle;
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

  /** A request to that server has failed by its doing. */
  failed({ health }: Member): void {
    health.failed();
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
  #isBlamed = false;

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
    this.#isBlamed = false;
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

  abort(fault?: EtagereError): void {
    if (fault !== undefined) this.#blame();
    this.#call?.abort();
  }

  onInterim(head: ResponseHead): void {
    this.#handler.onInterim(head);
  }

  onHead(head: ResponseHead): void {
    this.#hasHead = true;
    if (failingStatuses.has(head.status)) this.#blame();
    this.#handler.onHead(head);
  }

  onData(chunk: Uint8Array): void {
    this.#handler.onData(chunk);
  }

  onEnd(): void {
    this.#handler.onEnd();
  }

  onError(error: EtagereError): void {
    // All others say more of the request, or of us.
    if (error.code.startsWith('ORIGIN_') && error.code !== 'ORIGIN_BUSY') this.#blame();
    if (!this.#mayFailOver(error) || !this.begin()) this.#handler.onError(error);
  }

  #mayFailOver({ code }: EtagereError): boolean {
    if (this.#hasHead || !unsent.has(code)) return false;
    // Content can be read once: only of a request that never had its turn is it untouched.
    return this.#request.content === null || code === 'ORIGIN_BUSY';
  }

  /** Once for each server: one that fails with a head and then in its content has failed once. */
  #blame(): void {
    if (this.#member !== undefined && !this.#isBlamed) this.#group.failed(this.#member);
    this.#isBlamed = true;
  }
}
