import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionWatch } from '../../../src/origin/connection-watch.ts';
import { OriginExchange } from '../../../src/origin/origin-exchange.ts';
import { originRequest, Recorder } from './recorder.ts';
import { afterwards, fetched, listening, ok, originAt } from './stage.ts';

const head = 'HTTP/1.1 200 OK\r\n\r\n';
const nothing = (): void => undefined;

/** An exchange that has got its head, on a connection whose bytes nobody parses. */
async function receiving() {
  const raw = await listening();
  const socket = connect(raw.port, '127.0.0.1');
  afterwards(() => Promise.resolve(void socket.destroy()));
  // As undici does: it takes what is there when it is told of it.
  socket.on('readable', () => void socket.read());
  await once(socket, 'connect');
  const watch = new ConnectionWatch();
  watch.watch(socket, () => undefined);
  const sender = {
    unknownCodings: 'refuse' as const,
    interimResponses: 8,
    send: nothing,
    withdraw: nothing,
    settle: nothing,
  };
  const exchange = new OriginExchange(originRequest(), new Recorder(), sender);
  const controller = { rawHeaders: [Buffer.from('a')] as unknown, pause: nothing, resume: nothing, abort: nothing };
  exchange.attempt();
  exchange.assigned(watch);
  exchange.onRequestStart(controller);
  const peer = await raw.connection(0);
  const send = (text: string): void => peer.send(text);
  const read = async (bytes: number): Promise<void> => {
    while (socket.bytesRead < bytes) await once(socket, 'readable');
  };
  send(head);
  await read(head.length);
  exchange.onResponseStart(controller, 200, {});
  return { exchange, controller, socket, send, read };
}

/** Turns of the event loop in which all that has arrived elsewhere is read. */
async function manyTurns(): Promise<void> {
  const raw = await listening((connection) => connection.send(ok('x')));
  const origin = originAt(raw.url);
  for (let i = 0; i < 20; i++) await fetched(origin);
  await origin.close();
}

it('does not keep the piece of memory in which the head came', async () => {
  const { controller } = await receiving();
  expect(controller.rawHeaders).toBe(null);
});

it('leaves what comes while it is paused with the system, and reads it after that', async () => {
  const { exchange, socket, send, read } = await receiving();
  exchange.pause();
  send('content');
  await manyTurns();
  expect([socket.bytesRead, socket.readableLength]).toEqual([head.length, 0]);
  exchange.resume();
  await read(head.length + 'content'.length);
  expect(socket.bytesRead).toBe(head.length + 'content'.length);
});

it('does not read when it was resumed and paused again at once', async () => {
  const { exchange, socket, send } = await receiving();
  exchange.pause();
  exchange.resume();
  exchange.pause();
  send('content');
  await manyTurns();
  expect(socket.bytesRead).toBe(head.length);
});

it('leaves a connection that reads, though its response ended while it was paused', async () => {
  const { exchange, socket, send, read } = await receiving();
  exchange.pause();
  exchange.onResponseEnd();
  send('another');
  await read(head.length + 'another'.length);
  expect(socket.bytesRead).toBe(head.length + 'another'.length);
});
