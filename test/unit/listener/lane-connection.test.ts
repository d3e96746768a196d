import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Hit, HitEnd } from '../../../src/engine/exchange.ts';
import { defaultLimits } from '../../../src/engine/limits.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { LaneConnection } from '../../../src/listener/lane-connection.ts';
import { PlainRequests } from '../../../src/listener/plain-requests.ts';
import { Scratch } from '../../../src/listener/scratch.ts';
import { afterwards, nextTurn } from './stage.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A client's end that takes what is written to it at once, or when it is told to. */
class Taking extends Duplex {
  takesAtOnce = true;
  #taken: (() => void) | undefined;

  takeOne(): void {
    this.#taken?.();
  }

  override _read(): void {
    // What there is to read is pushed.
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: () => void): void {
    if (this.takesAtOnce || chunk.length === 0) callback();
    else this.#taken = callback;
  }
}

/** A connection whose requests are all hits; counts them. */
function connected(
  client = new Taking(),
  hold?: (count: number) => HitEnd,
): { client: Taking; hits: { count: number } } {
  const hits = { count: 0 };
  const hit = (): Hit => {
    const count = ++hits.count;
    return {
      head: { status: 204, fields: fieldsOf(['x-a', 'b']) },
      content: [],
      contentBytes: 0,
      hold: hold && (() => hold(count)),
      isRepeated: false,
      serialized: undefined,
    };
  };
  const lane = {
    handler: { hit, handle: () => undefined },
    limits: defaultLimits,
    requests: {
      http: new PlainRequests(defaultLimits, false),
      https: new PlainRequests(defaultLimits, false, 'https'),
    },
    scratch: new Scratch(),
    keepAliveLines: '',
    draining: false,
    endsIdle: false,
    tick: 0,
    bridged: (): never => {
      throw new Error('only plain requests are sent');
    },
  };
  const connection = new LaneConnection(client as unknown as Socket, lane);
  afterwards(async () => connection.socket.destroy());
  return { client, hits };
}

describe('a connection of the fast lane', () => {
  it('makes no second answer before the client has taken the first', async () => {
    const { client, hits } = connected();
    client.takesAtOnce = false;
    client.push(get.repeat(100));
    for (let taken = 1; taken < 4; taken++) {
      await nextTurn();
      expect(hits.count).toBe(taken);
      client.takeOne();
    }
  });

  it('lets others have their turn between many requests that come together', async () => {
    const { client, hits } = connected();
    client.push(get.repeat(2_000));
    const counts: number[] = [];
    while (hits.count < 2_000) {
      await nextTurn();
      counts.push(hits.count);
    }
    expect(counts.length).toBeGreaterThan(20);
  });

  it('waits for a client that takes no more, whatever it has taken at once before', async () => {
    // Each answer is as much as is written ahead, so that each is told to have been taken.
    const taking = new Taking({ writableHighWaterMark: 1 });
    const ended: number[] = [];
    const { client, hits } = connected(taking, (count) => {
      taking.takesAtOnce = count <= 200;
      return () => ended.push(count);
    });
    client.push(get.repeat(400));
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    expect(hits.count).toBe(201);
    expect(ended.at(-1)).toBe(200);
    client.takeOne();
    await nextTurn();
    expect([hits.count, ended.at(-1)]).toEqual([202, 201]);
  });

  it('reads little more from a client that it answers', async () => {
    const { client } = connected();
    client.takesAtOnce = false;
    client.push(get.repeat(10));
    await nextTurn();
    expect(client.isPaused()).toBe(false);
    client.push(get.repeat(200));
    await nextTurn();
    expect(client.isPaused()).toBe(true);
  });
});
