import { afterEach, beforeEach, describe } from 'vitest';
import type { RefusalRecord } from '../../../src/engine/events.ts';
import type { Exchange, Hit, RequestHandler, SinkListener } from '../../../src/engine/exchange.ts';
import { defaultLimits, type Limits } from '../../../src/engine/limits.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { RawClient } from '../../harness/raw-client.ts';
import { createNodeHttpListener, type NodeHttpListener } from '../../../src/listener/node-http.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  hit = undefined;
});

type Lane = 'node:http' | 'the fast lane';

let lane: Lane = 'node:http';

/** Registers the tests twice: what a listener promises, it promises on both of its ways. */
export function overBothLanes(tests: () => void): void {
  describe.each<Lane>(['node:http', 'the fast lane'])('over %s', (each) => {
    beforeEach(() => {
      lane = each;
    });
    tests();
  });
}

let hit: RequestHandler['hit'];

/** Has the next stage answer by this what it can answer at once, over the fast lane; returns what was asked. */
export function useHits(answer: (request: RequestHead) => Hit | undefined): RequestHead[] {
  const asked: RequestHead[] = [];
  lane = 'the fast lane';
  hit = (request) => {
    const found = answer(request);
    if (found !== undefined) asked.push(request);
    return found;
  };
  return asked;
}

/** Is called when the test is over. */
export function afterwards(close: () => Promise<unknown>): void {
  closers.push(close);
}

export interface Stage {
  readonly listener: NodeHttpListener;
  readonly port: number;
  /** Everything that was handed to the engine's place. */
  readonly exchanges: Exchange[];
  /** Everything that was refused before. */
  readonly refusals: RefusalRecord[];
  /** Connected to the first address, or to that port. */
  readonly client: (port?: number) => RawClient;
  /** Sends the bytes on a connection of their own; resolves with the answer when the connection is closed. */
  readonly answer: (bytes: string) => Promise<string>;
}

/** A listener with `handle` in the engine's place; it and all clients are closed when the test is over. */
export async function stage(
  handle: (exchange: Exchange) => void = respond('hello'),
  limits: Partial<Limits> = {},
): Promise<Stage> {
  const exchanges: Exchange[] = [];
  const refusals: RefusalRecord[] = [];
  const handler: RequestHandler = {
    ...(hit === undefined ? {} : { hit }),
    handle(exchange: Exchange): void {
      exchanges.push(exchange);
      handle(exchange);
    },
  };
  const listener = createNodeHttpListener(handler, {
    limits: { ...defaultLimits, drainTimeoutMs: 2_000, ...limits },
    cacheName: 'etagere',
    fastLane: lane === 'the fast lane',
    events: { requestRefused: (record) => void refusals.push(record) },
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  afterwards(() => listener.close());
  const client = (to = port): RawClient => {
    const made = new RawClient(to);
    closers.unshift(async () => made.socket.destroy());
    return made;
  };
  return {
    listener,
    refusals,
    port,
    exchanges,
    client,
    async answer(bytes) {
      const asking = client();
      asking.send(bytes);
      await asking.closed;
      return asking.received;
    },
  };
}

/** Answers every exchange with that content. */
export function respond(content: string, status = 200): (exchange: Exchange) => void {
  return ({ sink }) => {
    sink.head({ status, fields: fieldsOf(['Content-Length', String(content.length)], ['X-Answer', 'yes']) });
    sink.write(Buffer.from(content));
    sink.end();
  };
}

/** Reads the content of the request, then answers with it. */
export function echo({ content, sink }: Exchange): void {
  const chunks: Buffer[] = [];
  content?.on('data', (chunk: Buffer) => chunks.push(chunk));
  content?.on('end', () => {
    const body = Buffer.concat(chunks);
    sink.head({ status: 200, fields: fieldsOf(['content-length', String(body.length)]) });
    sink.write(body);
    sink.end();
  });
}

/** A listener to a sink that writes down what it is told. */
export class SinkRecorder implements SinkListener {
  readonly events: string[] = [];
  readonly closed: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onDrain(): void {
    this.events.push('drain');
  }

  onClose(): void {
    this.events.push('close');
    this.#resolve();
  }
}

/** Status of the one response in these bytes. */
export function statusOf(received: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1]);
}

/** Whether these bytes hold as many complete responses with the content `hello`. */
export function hellos(count: number): (received: string) => boolean {
  return (received) => received.split('\r\n\r\nhello').length > count;
}

/** Lets the event loop turn once. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
