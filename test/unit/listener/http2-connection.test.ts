import { EventEmitter, once } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { connect as connectPlainly, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { connect } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import type { RefusalRecord } from '../../../src/engine/events.ts';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { defaultLimits, type Limits } from '../../../src/engine/limits.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { Http2Connection } from '../../../src/listener/http2-connection.ts';
import { createNodeHttpListener, type NodeHttpListener } from '../../../src/listener/node-http.ts';
import {
  cancel,
  endHeaders,
  fieldBlock,
  frame,
  frameTypes,
  RawHttp2,
  requestFields,
  uint32,
} from '../../harness/raw-http2.ts';
import { RequestContent } from '../../../src/listener/request-content.ts';
import { certificate, certificateKey } from '../origin/certificate.ts';
import { SinkRecorder } from './stage.ts';

interface Http2Stage {
  readonly listener: NodeHttpListener;
  readonly client: RawHttp2;
  /** What the client's TLS goes over. */
  readonly carrier: Socket;
  readonly refusals: RefusalRecord[];
  /** Resolves when so many requests have come. */
  readonly asked: (count: number) => Promise<void>;
  readonly exchanges: Exchange[];
  readonly sinks: SinkRecorder[];
}

/** One client of a listener whose requests nobody answers; all of it is over with the test. */
async function http2Stage(limits: Partial<Limits> = {}): Promise<Http2Stage> {
  const refusals: RefusalRecord[] = [];
  const exchanges: Exchange[] = [];
  const sinks: SinkRecorder[] = [];
  const came = new EventEmitter();
  const listener = createNodeHttpListener(
    {
      handle(exchange) {
        const recorder = new SinkRecorder();
        exchange.sink.listen(recorder);
        exchanges.push(exchange);
        sinks.push(recorder);
        came.emit('one');
      },
    },
    {
      limits: { ...defaultLimits, ...limits },
      cacheName: 'etagere',
      certificates: [{ cert: certificate, key: certificateKey }],
      events: { requestRefused: (record) => void refusals.push(record) },
    },
  );
  onTestFinished(() => listener.close());
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0, scheme: 'https' });
  const carrier = connectPlainly(port, '127.0.0.1');
  carrier.on('error', () => undefined);
  const socket = connect({ socket: carrier, servername: 'localhost', ca: certificate, ALPNProtocols: ['h2'] });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  const asked = async (count: number): Promise<void> => {
    while (exchanges.length < count) await once(came, 'one');
  };
  return { listener, client: new RawHttp2(socket), carrier, refusals, asked, exchanges, sinks };
}

/** The head of a request with content, and as much of that as one may send before it is read, unless there are others on the connection. */
function upload(stream: number, pieceBytes = 16_000): Buffer {
  const fields = requestFields('/').map(([n, v]): [string, string] => [n, n === ':method' ? 'POST' : v]);
  const pieces = Array.from({ length: 3 }, () => frame(frameTypes.data, 0, stream, Buffer.alloc(pieceBytes)));
  return Buffer.concat([frame(frameTypes.headers, endHeaders, stream, fieldBlock(fields)), ...pieces]);
}

/** What comes behind it was read when this resolves. */
async function pinged(client: RawHttp2): Promise<void> {
  const before = client.of(frameTypes.ping).length;
  client.send(frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
  await client.until(() => client.of(frameTypes.ping).length > before);
}

/** Answers with a head alone. */
function answer({ sink }: Exchange): void {
  sink.head({ status: 204, fields: fieldsOf() });
  sink.end();
}

/** Which stream each GOAWAY says was the last. */
function lastStreams(client: RawHttp2): number[] {
  return client.of(frameTypes.goaway).map(({ payload }) => payload.readUInt32BE(0));
}

it('a request that crosses with the wish to have no more is answered, as the last', async () => {
  const { listener, client, asked, exchanges } = await http2Stage();
  await pinged(client);
  const retired = listener.retire();
  client.request(1, requestFields('/'));
  await asked(1);
  exchanges.forEach(answer);
  await client.closed;
  await retired;
  expect([client.isOver(1), client.of(frameTypes.reset), lastStreams(client)]).toEqual([true, [], [2 ** 31 - 1, 1]]);
});

/** Longer than any test may take. */
const noHurry: Partial<Limits> = { drainTimeoutMs: 600_000 };

it.each([0, 5])('a client that resets its connection as all end holds nobody up, with %i requests on it', async (n) => {
  const { listener, client, carrier, asked } = await http2Stage(noHurry);
  for (let i = 0; i < n; i++) client.send(upload(2 * i + 1, 4_000));
  await asked(n);
  for (let i = 0; i < n; i++) client.send(frame(frameTypes.reset, 0, 2 * i + 1, uint32(cancel)));
  await pinged(client);
  carrier.resetAndDestroy();
  await expect(listener.close()).resolves.toBeUndefined();
});

it('nor does one that does not close when it is told that nobody listens any more', async () => {
  const { listener, client } = await http2Stage({ ...noHurry, clientHeadTimeoutMs: 50 });
  await pinged(client);
  client.socket.pause();
  await expect(listener.close()).resolves.toBeUndefined();
});

it.each(['end', 'destroy'] as const)('a client that leaves takes none of its requests back (%s)', async (leave) => {
  const { client, refusals, asked, sinks } = await http2Stage({ clientStreamResets: 3 });
  for (let i = 0; i < 10; i++) client.request(2 * i + 1, requestFields('/'));
  await asked(10);
  client.socket[leave]();
  await Promise.all(sinks.map(({ closed }) => closed));
  expect(refusals).toEqual([]);
});

/** Begins to read the content of a request, and gives up. */
function readInPart({ content }: Exchange): void {
  content?.read(0);
  content?.destroy();
}

/** RFC 9113 §7. */
const noError = 0;

/** So few bytes of content are read away unread, and so soon is a connection idle. */
const soonIdle: Partial<Limits> = { clientDrainBytes: 1_000, clientKeepAliveMs: 50 };

it.each([
  ['never read', () => undefined],
  ['read in part', readInPart],
])('a connection is idle again when a request was answered whose content was %s', async (_, read) => {
  const { client, asked, exchanges } = await http2Stage(soonIdle);
  client.send(upload(1));
  await asked(1);
  const [exchange] = exchanges;
  if (exchange !== undefined) read(exchange);
  await pinged(client);
  exchange?.sink.head({ status: 200, fields: fieldsOf() });
  exchange?.sink.write(Buffer.from('done'));
  exchange?.sink.end();
  await client.closed;
  expect(client.isOver(1)).toBe(true);
});

it.each([cancel, noError])(
  'content that is taken back, with the code %s, takes no room from what comes next',
  async (code) => {
    const { client, asked, exchanges, sinks } = await http2Stage({ clientDrainBytes: 1_000 });
    client.send(upload(1));
    await asked(1);
    exchanges.forEach(readInPart);
    await pinged(client);
    client.send(frame(frameTypes.reset, 0, 1, uint32(code)));
    await sinks[0]?.closed;
    await pinged(client);
    client.send(upload(3));
    await asked(2);
    await pinged(client);
    client.socket.destroy();
    await client.closed;
    expect([client.goneAway, client.of(frameTypes.reset)]).toEqual([undefined, []]);
  },
);

it.each([
  ['an error', cancel],
  ['none', noError],
])('and when its client has reset it with %s, before it had all of its answer', async (_, code) => {
  const { client, asked, exchanges } = await http2Stage(soonIdle);
  client.send(upload(1));
  await asked(1);
  await pinged(client);
  exchanges[0]?.sink.head({ status: 200, fields: fieldsOf() });
  exchanges[0]?.sink.write(Buffer.alloc(200_000));
  exchanges[0]?.sink.end();
  await client.until(() => client.of(frameTypes.data).length > 0);
  client.send(frame(frameTypes.reset, 0, 1, uint32(code)));
  await client.closed;
  expect(client.isOver(1)).toBe(false);
});

it('content that has come is counted, read or not', () => {
  const source = new PassThrough();
  source.write(Buffer.alloc(1_000));
  const content = new RequestContent(source, {
    isComplete: () => false,
    drainBytes: 0,
    maxBytes: 10_000,
    idleMs: 10_000,
    onFirstRead: () => undefined,
    onFault: () => undefined,
  });
  expect(content.receivedBytes).toBe(1_000);
  content.destroy();
});

/** A connection over nothing. */
function connectionOver(socketParts: { readonly bytesRead: number }): {
  readonly connection: Http2Connection;
  readonly session: EventEmitter;
  readonly socket: PassThrough;
} {
  const session = Object.assign(new EventEmitter(), { destroy: () => undefined, close: () => undefined });
  const socket = Object.assign(new PassThrough(), socketParts);
  const connection = new Http2Connection(session as unknown as ServerHttp2Session, socket as unknown as Socket, {
    handler: { handle: () => undefined },
    limits: { ...defaultLimits, clientHeadTimeoutMs: 20 },
    cacheName: 'etagere',
    encodeTarget: false,
    events: { requestRefused: () => undefined },
  });
  return { connection, session, socket };
}

it('one that floods and does not read is closed all the same: its session waits for what it has begun to send', async () => {
  const { connection, session, socket } = connectionOver({ bytesRead: 2 ** 30 });
  // It is not idle, then.
  session.emit(
    'stream',
    Object.assign(new PassThrough(), { respond: () => undefined, close: () => undefined, setTimeout: () => undefined }),
    {},
    1,
    [],
  );
  connection.look();
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

it('one with nothing but a request that was taken back before it was looked at is idle', async () => {
  const { session, socket } = connectionOver({ bytesRead: 0 });
  session.emit('stream', new PassThrough().destroy(), {}, 1, []);
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});
