import { connect, type Socket } from 'node:net';
import { readResponses, type StrictMessage } from '../harness/strict-messages.ts';

/** How its client behaves: reads as fast as it can, stops in the middle for a while, or leaves before the end. */
export type Manner = 'steady' | 'slow' | 'leaving';

/** What became of a request. */
export type Reply =
  | { readonly kind: 'answered'; readonly message: StrictMessage }
  /** What came is no response, or there is more than was asked for. */
  | { readonly kind: 'malformed'; readonly fault: string }
  | { readonly kind: 'broken'; readonly how: string }
  | { readonly kind: 'left' };

/** Every request has an end by then, in ms (a slow client has it later). */
const deadlineMs = 30_000;
const slowMs = 2_000;
/** Left alone for longer, a connection is not used again: the other side may be about to close it. */
const idleMs = 2_000;
const mostRequests = 30;

/** A connection of a client that asks one thing after the other and reads strictly. */
export class SoakConnection {
  readonly #socket: Socket;
  #received = '';
  #requests = 0;
  #idleSince = performance.now();
  #isOver = false;
  #ended: string | undefined;
  #waiting: { readonly method: string; readonly manner: Manner; readonly resolve: (reply: Reply) => void } | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1' });
    this.#socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('end', () => this.#end(undefined));
    this.#socket.on('close', () => this.#end('closed'));
  }

  get isUsable(): boolean {
    const isFresh = performance.now() - this.#idleSince < idleMs;
    return !this.#isOver && this.#requests < mostRequests && isFresh && this.#waiting === undefined;
  }

  /** Asks, and resolves in any case within the deadline. One request at a time. */
  ask(bytes: string, method: string, manner: Manner): Promise<Reply> {
    this.#requests++;
    return new Promise((settle) => {
      const late = setTimeout(
        () => this.#settle({ kind: 'broken', how: `no end after ${deadlineMs / 1_000} s` }),
        deadlineMs + (manner === 'slow' ? slowMs : 0),
      );
      const resolve = (reply: Reply): void => {
        clearTimeout(late);
        settle(reply);
      };
      this.#waiting = { method, manner, resolve };
      if (this.#ended !== undefined) this.#settle({ kind: 'broken', how: this.#ended });
      else this.#socket.write(bytes, 'latin1');
    });
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const waiting = this.#waiting;
    if (waiting === undefined) {
      // Nothing may come that nobody has asked for: what reads it next would take it for its answer.
      this.close();
      return;
    }
    if (waiting.manner === 'leaving') this.#settle({ kind: 'left' });
    else if (mayBeWhole(this.#received, waiting.method)) this.#read(waiting.method, false);
    else if (waiting.manner === 'slow') this.#rest();
  }

  /** Stops reading once, for a while. */
  #rest(): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) this.#waiting = { ...waiting, manner: 'steady' };
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), slowMs);
  }

  #read(method: string, hasEnded: boolean): void {
    const { messages, rest, fault } = readResponses(this.#received, [method], hasEnded);
    const final = messages.find(({ startLine }) => !/^HTTP\/1\.. 1/.test(startLine));
    if (fault !== undefined) this.#settle({ kind: 'malformed', fault });
    else if (final !== undefined && rest !== '')
      this.#settle({ kind: 'malformed', fault: 'bytes behind the response' });
    else if (final !== undefined) this.#settle({ kind: 'answered', message: final });
    else if (hasEnded) this.#settle({ kind: 'broken', how: `ended after ${this.#received.length} bytes` });
  }

  /** @param how undefined: in an orderly way */
  #end(how: string | undefined): void {
    this.#isOver = true;
    this.#ended ??= how ?? 'ended';
    if (this.#waiting === undefined) return;
    if (how === undefined) this.#read(this.#waiting.method, true);
    else this.#settle({ kind: 'broken', how: `${how} after ${this.#received.length} bytes` });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#received = '';
    this.#idleSince = performance.now();
    const isLast = reply.kind !== 'answered' || closes(reply.message);
    if (isLast) this.close();
    waiting?.resolve(reply);
  }
}

function closes({ fields }: StrictMessage): boolean {
  return fields.some(([name, value]) => name === 'connection' && /\bclose\b/i.test(value));
}

/** Whether it is worth while to read it: reading all of it for each piece that comes would take forever. Only says when to look; what is there is read strictly. */
function mayBeWhole(received: string, method: string): boolean {
  const end = received.indexOf('\r\n\r\n');
  // So that a head that is none is noticed.
  if (end === -1) return received.length > 65_536;
  const head = received.slice(0, end);
  if (method === 'HEAD' || /^HTTP\/1\.. (1|204|304)/.test(head)) return true;
  if (/\r\ntransfer-encoding:/i.test(head)) return received.endsWith('0\r\n\r\n');
  const [, length] = /\r\ncontent-length:\s*(\d+)/i.exec(head) ?? [];
  return length !== undefined && received.length >= end + 4 + Number(length);
}
