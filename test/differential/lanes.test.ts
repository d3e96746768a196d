import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestHandler } from '../../src/engine/exchange.ts';
import { Engine } from '../../src/engine/handle.ts';
import { onlyRoute } from '../../src/engine/route.ts';
import { defaultLimits } from '../../src/engine/limits.ts';
import { formatHttpDate } from '../../src/http/date.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { eachField, type Fields, fieldsOf } from '../../src/http/fields.ts';
import { createNodeHttpListener, type NodeHttpListener } from '../../src/listener/node-http.ts';
import { noLog } from '../../src/observe/access-log.ts';
import type { Origin, OriginCall, OriginHandler, OriginRequest } from '../../src/origin/origin.ts';
import { ManualClock } from '../../src/play/manual-clock.ts';
import { presets } from '../../src/policy/config.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { oneOf } from './chance.ts';
import { type Conversation, conversation } from './conversation.ts';

const date = 'Sat, 01 Jan 2022 00:00:00 GMT';

/** For both sides: it moves between conversations. */
const clock = new ManualClock(Date.parse(date));

/** What the origin answers, by path. */
const answers: Readonly<Record<string, { status: number; fields: Fields; content: string }>> = {
  '/fresh': {
    status: 200,
    fields: fieldsOf(['cache-control', 'max-age=60'], ['etag', '"v"'], ['content-length', '5']),
    content: 'fresh',
  },
  '/chunked': { status: 200, fields: fieldsOf(['cache-control', 'max-age=60']), content: 'chunked' },
  '/varies': {
    status: 200,
    fields: fieldsOf(['cache-control', 'max-age=60'], ['vary', 'accept-language'], ['content-length', '6']),
    content: 'varies',
  },
  '/private': {
    status: 200,
    fields: fieldsOf(['cache-control', 'private'], ['content-length', '7']),
    content: 'private',
  },
  '/large': {
    status: 200,
    fields: fieldsOf(['cache-control', 'max-age=60'], ['content-length', '70000']),
    content: 'x'.repeat(70_000),
  },
};
const notFound = {
  status: 404,
  fields: fieldsOf(['cache-control', 'no-store'], ['content-length', '4']),
  content: 'none',
};

/** Answers everything before anything else happens, so that both lanes find the same on the shelf. */
class PromptOrigin implements Origin {
  readonly url = 'http://origin.test';

  request({ method, target }: OriginRequest, handler: OriginHandler): OriginCall {
    let aborted = false;
    const { status, fields, content } = answers[target.split('?')[0] ?? ''] ?? notFound;
    queueMicrotask(() => {
      if (!aborted)
        handler.onHead({ status, fields: fieldsOf(['date', formatHttpDate(clock.wall())], ...eachField(fields)) });
      if (!aborted && method !== 'HEAD') handler.onData(Buffer.from(content));
      if (!aborted) handler.onEnd();
    });
    return {
      pause: () => undefined,
      resume: () => undefined,
      abort: () => {
        aborted = true;
      },
    };
  }

  stats(): { active: number; queued: number } {
    return { active: 0, queued: 0 };
  }

  async close(): Promise<void> {}
}

/** What came of a conversation. */
interface Outcome {
  /** What was handed to the engine, in that order. */
  readonly requests: readonly string[];
  readonly received: string;
}

class Side {
  /** Requests that were answered past node:http. */
  hits = 0;
  readonly #engine: Engine;
  #requests: string[] = [];
  readonly #listener: NodeHttpListener;
  #port = 0;

  constructor(fastLane: boolean) {
    const limits = { ...defaultLimits, clientHeadTimeoutMs: 400, drainTimeoutMs: 500 };
    const store = new MemoryStore({ maxBytes: limits.memoryBytes, maxObjectBytes: 2 ** 20, maxVariants: 32 });
    const forwarding = { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere' };
    const routes = onlyRoute({ origin: new PromptOrigin(), policy: presets.safe, forwarding });
    const parts = { store, limits, routes, cacheName: 'etagere', viaName: 'etagere', trusts: () => false };
    const engine = new Engine({ ...parts, events: noLog, clock });
    this.#engine = engine;
    const handler: RequestHandler = {
      handle: (exchange) => {
        this.#hand(exchange.request);
        engine.handle(exchange);
      },
      hit: (request, client) => {
        const hit = engine.hit(request, client);
        if (hit === undefined) return undefined;
        this.hits++;
        this.#hand(request);
        return hit;
      },
    };
    this.#listener = createNodeHttpListener(handler, { limits, fastLane, cacheName: 'etagere', events: noLog });
  }

  async start(): Promise<void> {
    this.#port = (await this.#listener.listen({ host: '127.0.0.1', port: 0 })).port;
  }

  async stop(): Promise<void> {
    await this.#listener.close();
  }

  /** Has everything on the shelf asked about anew. */
  async purge(): Promise<void> {
    await this.#engine.operations.purge({ kind: 'all' }, 'soft');
  }

  #hand({ method, target }: RequestHead): void {
    this.#requests.push(`${method} ${target}`);
  }

  /** Everything that the client received, without the dates of refusals, which are made of the real time, and the boundaries of parts, which are drawn. */
  async answers({ pieces }: Conversation): Promise<Outcome> {
    this.#requests = [];
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    for (const piece of pieces) {
      socket.write(piece, 'latin1');
      await nextTurn();
    }
    await closed;
    return {
      requests: this.#requests,
      received: received
        .replaceAll(/^date: .*$/gm, 'date: then')
        .replaceAll(/[0-9a-f]{36}/g, 'boundary')
        .replaceAll(/HTTP\/1\.1 \d+ [^]*?\r\n\r\n/g, sorted),
    };
  }
}

/** A head with its lines in one order: where Content-Length stands depends on what has validated a stored response before. */
function sorted(head: string): string {
  return head.split('\r\n').sort().join('\r\n');
}

describe('the fast lane', () => {
  const sides = [new Side(false), new Side(true)] as const;

  beforeAll(async () => {
    for (const side of sides) {
      await side.start();
      // What can be stored is stored, so that requests that come together find the same.
      for (const target of Object.keys(answers))
        for (const language of ['', 'Accept-Language: en\r\n', 'Accept-Language: de, en;q=0.5\r\n'])
          await side.answers({
            pieces: [`GET ${target} HTTP/1.1\r\nHost: a.test\r\n${language}Connection: close\r\n\r\n`],
          });
    }
  });

  afterAll(async () => {
    for (const side of sides) await side.stop();
  });

  it('hands the engine the same requests as node:http, and answers with the same bytes', async () => {
    const seen = { answered: 0, refused: 0, forgiven: 0 };
    // Ages pass a second, and lifetimes end.
    const pauseMs = oneOf([4, 0], [2, 400], [1, 1_000], [1, 25_000]);
    const purged = oneOf([20, false], [1, true]);
    const property = fc.asyncProperty(conversation, pauseMs, purged, async (each, ms, purges) => {
      const [one, other] = sides;
      await clock.advance(ms, async () => {});
      if (purges) for (const side of sides) await side.purge();
      let [expected, actual] = await Promise.all([one.answers(each), other.answers(each)]);
      // Two pieces that came together at one side only meet another state of the shelf there: a real difference is there each time.
      for (let tries = 0; !isDeepStrictEqual(actual, expected) && tries < 3; tries++) {
        [expected, actual] = [await one.answers(each), await other.answers(each)];
        seen.forgiven++;
      }
      expect(actual).toEqual(expected);
      if (expected.received.includes(' 200 OK')) seen.answered++;
      if (expected.received.includes(' 400 ')) seen.refused++;
    });
    await fc.assert(property, { numRuns: 500 });
    expect(seen.answered).toBeGreaterThan(40);
    expect(seen.refused).toBeGreaterThan(10);
    expect(seen.forgiven).toBeLessThan(25);
    expect(sides.map(({ hits }) => hits > 40)).toEqual([false, true]);
  });
});
