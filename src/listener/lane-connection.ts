import type { Socket } from 'node:net';
import type { Hit, Peer, RequestHandler } from '../engine/exchange.ts';
import type { Limits } from '../engine/limits.ts';
import { EtagereError } from '../errors.ts';
import { Bridge } from './bridge.ts';
import { BridgedMessages } from './bridged-messages.ts';
import type { Connection } from './connection.ts';
import { hitBytes } from './hit-bytes.ts';
import { type LaneEnd, LaneSink } from './lane-sink.ts';
import type { PlainRequests } from './plain-requests.ts';
import type { Scratch } from './scratch.ts';
import { schemeOf } from './scheme.ts';
import { Sending } from './sending.ts';
import { readShared } from './shared-read.ts';
import { closeInStages } from './staged-close.ts';

/** What all connections of a listener have in common. */
export interface LaneConnections {
  readonly handler: RequestHandler;
  readonly limits: Limits;
  /** By the scheme of the connection. */
  readonly requests: Readonly<Record<'http' | 'https', PlainRequests>>;
  readonly scratch: Scratch;
  /** As node:http writes them: `Connection: keep-alive`, … */
  readonly keepAliveLines: string;
  /** Whether every connection ends with what is under way on it. */
  readonly draining: boolean;
  /** While draining: whether one on which nothing is under way ends at once, or with the answer to its next request. */
  readonly endsIdle: boolean;
  /** Counts seconds or less: the time, as far as idle connections are concerned. */
  readonly tick: number;
  /** Gives the connection to node:http. */
  bridged(bridge: Bridge, onIdle: () => void): Connection;
}

type State =
  /** The next byte begins a request. */
  | 'open'
  /** A request waits for its answer, or for the rest of it. */
  | 'answering'
  /** The client has not taken yet what was written. */
  | 'blocked'
  /** Others have their turn. */
  | 'yielding'
  /** node:http has it, until what it has is answered. */
  | 'bridged'
  /** No further request is looked at. */
  | 'ending';

const nothing = Buffer.alloc(0);

/** What a client may send ahead before no more is read from it. */
const maxAheadBytes = 4 * 1024;

/** So many requests of one client are answered before others have their turn. */
const maxAnswersInTurn = 64;

/**
 * A client's connection on the fast lane. The plainest requests, which two readers can't take for different ones, are read here and answered past node:http; any
 * other goes, bytes untouched, to node:http, and when that has answered it the connection comes back.
 */
export class LaneConnection implements LaneEnd {
  readonly socket: Socket;
  readonly #lane: LaneConnections;
  readonly #requests: PlainRequests;
  readonly #sending: Sending;
  #client: Peer | undefined;
  #state: State = 'open';
  /** Received and not yet looked at; while there is any, nothing more is read. */
  #rest: Buffer = nothing;
  #sink: LaneSink | undefined;
  #bridge: Bridge | undefined;
  #connection: Connection | undefined;
  /** What it was given this time. */
  #bridged: BridgedMessages | undefined;
  #advancing = false;
  #clientEnded = false;
  #lastActive: number;
  #used = false;

  /** @param accepted Paused since it was accepted. */
  constructor(accepted: Socket, lane: LaneConnections) {
    const socket = readShared(accepted, (bytes) => this.#receive(bytes));
    this.socket = socket;
    this.#lane = lane;
    this.#requests = lane.requests[schemeOf(socket)];
    this.#sending = new Sending(socket);
    this.#lastActive = lane.tick;
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  get closing(): boolean {
    return this.#lane.draining;
  }

  get keepAliveLines(): string {
    return this.#lane.keepAliveLines;
  }

  /** Ends it once nothing is under way, or with its next answer; a request of which node:http has a part is waited for. */
  drain(): void {
    if (this.#state !== 'bridged') this.#endIfDraining();
    else if (this.#lane.endsIdle) this.#connection?.close();
    else this.#connection?.retire();
  }

  #endIfDraining(): void {
    const { draining, endsIdle } = this.#lane;
    if (!draining || !endsIdle || this.#state !== 'open' || this.#rest.length > 0) return;
    this.#state = 'ending';
    this.socket.end(() => this.socket.destroy());
  }

  /** Looks at how long nothing has happened. Called once per tick. */
  watch(ticks: { readonly keepAlive: number; readonly head: number; readonly stall: number }): void {
    if (this.#state === 'blocked' && this.#sending.look()) this.#lastActive = this.#lane.tick;
    const idle = this.#lane.tick - this.#lastActive;
    if (this.#state === 'blocked') {
      if (idle > ticks.stall) {
        this.#sending.letGo('stalled');
        this.socket.destroy();
      }
    } else if (this.#state === 'open') {
      if (!this.#used && idle > ticks.head) this.#giveUp();
      else if (this.#used && idle > ticks.keepAlive) this.socket.destroy();
    } else if (this.#state === 'bridged' && this.#connection?.idle === true && idle > ticks.keepAlive) {
      this.socket.destroy();
    }
  }

  answered(last: boolean): void {
    this.#sink = undefined;
    this.#lastActive = this.#lane.tick;
    if (last) {
      this.#state = 'ending';
      this.#endInStages(this.#lane.limits.clientStallMs);
      return;
    }
    this.#state = 'open';
    this.#awaitClient();
    this.#goOn();
  }

  /** Answers no more before the client has taken what was written: what waits is one answer, however many it has asked for. */
  #awaitClient(): void {
    const { socket } = this;
    if (socket.writableLength === 0) return;
    this.#state = 'blocked';
    // There is no event for little; an empty piece is written when all before it is.
    if (!socket.writableNeedDrain) socket.write('', () => this.#drained());
  }

  broken(unanswered: boolean): void {
    this.#sink = undefined;
    this.#state = 'ending';
    if (unanswered) this.socket.destroy();
    else this.#endInStages(this.#lane.limits.clientHeadTimeoutMs);
  }

  #endInStages(stallMs: number): void {
    closeInStages(this.socket, { stallMs, lingerMs: this.#lane.limits.clientHeadTimeoutMs });
  }

  /** `bytes` are gone when this returns. */
  #receive(bytes: Buffer): void {
    // What a client sends while it takes nothing is no sign that it will.
    if (this.#state === 'open' || this.#state === 'bridged') this.#lastActive = this.#lane.tick;
    if (this.#state === 'open') {
      this.#advance(bytes);
    } else if (this.#state === 'bridged') {
      this.#give(Buffer.from(bytes));
    } else if (this.#state !== 'ending') {
      this.#keep(Buffer.concat([this.#rest, bytes]));
    }
  }

  /** Keeps what can't be looked at yet. Up to a limit more is read: only so is it seen that a client leaves. */
  #keep(rest: Buffer): void {
    this.#rest = rest;
    if (rest.length > maxAheadBytes) this.socket.pause();
  }

  /** Goes on with what was received meanwhile. */
  #goOn(): void {
    if (this.#advancing || this.#state !== 'open') return;
    const rest = this.#rest;
    this.#rest = nothing;
    if (rest.length > 0) this.#advance(rest);
    else this.#endIfDraining();
    if (this.#rest.length <= maxAheadBytes && this.socket.isPaused()) this.socket.resume();
  }

  /** Answers one request after the other, as far as that can be done at once. */
  #advance(bytes: Buffer): void {
    this.#advancing = true;
    let text = bytes.toString('latin1');
    for (let answers = 0; text.length > 0 && this.#state === 'open'; answers++) {
      if (answers === maxAnswersInTurn) {
        this.#state = 'yielding';
        setImmediate(() => this.#takeTurn());
        break;
      }
      const taken = this.#take(text);
      if (taken === 0) this.#toBridge(Buffer.from(bytes.subarray(bytes.length - text.length)));
      text = taken === 0 || taken === text.length ? '' : text.slice(taken);
    }
    this.#advancing = false;
    if (text.length > 0 && this.#state !== 'ending')
      this.#keep(Buffer.from(bytes.subarray(bytes.length - text.length)));
  }

  /** Takes one request from the start of the text: returns its length, or 0 where node:http must look at it. */
  #take(text: string): number {
    const { handler } = this.#lane;
    const request = this.#requests.read(text);
    if (request === undefined) return 0;
    this.#used = true;
    this.#client ??= { address: this.socket.remoteAddress ?? '' };
    const { head, length } = request;
    const hit = this.closing ? undefined : handler.hit?.(head, this.#client);
    if (hit !== undefined) {
      this.#send(hit, head.method);
      return length;
    }
    this.#state = 'answering';
    const sink = new LaneSink(head.method, this);
    this.#sink = sink;
    handler.handle({ request: head, content: null, client: this.#client, sink });
    return length;
  }

  #send(hit: Hit, method: string): void {
    const { scratch } = this.#lane;
    const bytes = hit.serialized ?? hitBytes(hit, { method, framing: this.keepAliveLines, scratch });
    if (hit.isRepeated) hit.serialized = bytes;
    this.#sending.write(bytes, hit);
    this.#awaitClient();
    if (this.#state !== 'blocked') {
      this.#sending.letGo('complete');
      return;
    }
    this.#sending.look();
    // What the system has not taken yet will be read from where it is.
    if (!hit.isRepeated) scratch.renew();
  }

  /** node:http gets all that is there, and what follows, until it has answered it. */
  #toBridge(bytes: Buffer): void {
    this.#state = 'bridged';
    this.#used = true;
    if (this.#bridge === undefined) {
      this.#bridge = new Bridge(this.socket);
      this.#connection = this.#lane.bridged(this.#bridge, () => this.#fromBridge());
    }
    this.#bridged = new BridgedMessages(this.#lane.limits.clientHeadBytes);
    this.#give(bytes);
    if (this.#lane.draining) this.drain();
  }

  #give(bytes: Buffer): void {
    this.#bridged?.add(bytes);
    this.#bridge?.receive(bytes);
  }

  /** node:http has answered all that it has read: if that were whole messages and nothing else, the next byte is ours again. */
  #fromBridge(): void {
    const bridge = this.#bridge;
    if (this.#state !== 'bridged' || bridge === undefined) return;
    this.#lastActive = this.#lane.tick;
    if (this.#clientEnded) this.#endIfSent();
    else if (this.#bridged?.endTogether === true && bridge.readableLength === 0 && bridge.writableLength === 0) {
      this.#state = 'open';
      if (this.socket.isPaused()) this.socket.resume();
    }
  }

  #drained(): void {
    // What was not written is called back as well.
    if (this.socket.destroyed) return;
    this.#lastActive = this.#lane.tick;
    if (this.#state === 'answering') this.#sink?.drained();
    // Of an earlier write it may be told late.
    else if (this.#state === 'blocked' && this.socket.writableLength === 0) {
      while (this.#sending.goOn()) {
        this.#awaitClient();
        if (this.socket.writableLength > 0) return;
      }
      this.#sending.letGo('complete');
      this.#state = 'open';
      this.#goOn();
    }
    if (this.#clientEnded) this.#endIfSent();
  }

  /** Others have had theirs. */
  #takeTurn(): void {
    if (this.#state !== 'yielding') return;
    this.#state = 'open';
    this.#goOn();
    if (this.#clientEnded) this.#endIfSent();
  }

  /** The client sends no more. It may still read what there is for it, but does not wait for what may come. */
  #ended(): void {
    this.#clientEnded = true;
    this.#endIfSent();
  }

  #endIfSent(): void {
    const { socket } = this;
    if (this.#state === 'open') {
      socket.end();
    } else if (this.#state === 'answering' || this.#state === 'bridged') {
      // An empty piece is written when all before it is.
      if (socket.writableLength > 0) socket.write('', () => this.#endIfSent());
      else if (this.#state === 'bridged') this.#bridge?.receiveEnd();
      else socket.destroy();
    }
  }

  #closed(): void {
    this.#state = 'ending';
    this.#sending.letGo('client-left');
    this.#sink?.leave();
    this.#sink = undefined;
    this.#bridge?.destroy();
  }

  /** No request has come in time. */
  #giveUp(): void {
    this.#toBridge(nothing);
    this.#connection?.fail(new EtagereError('REQUEST_TIMEOUT', 'no request came'));
  }
}
