import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Barriers } from '../harness/barriers.ts';
import {
  cancel,
  endHeaders,
  fieldBlock,
  frame,
  frameTypes,
  refusedStream,
  requestFields,
  uint32,
} from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { ask, tlsStage } from '../harness/tls-stage.ts';

const fresh = ['Cache-Control: max-age=60'];

it('100 that ask for the same at once are one request to the origin', async () => {
  const barriers = new Barriers();
  const stage = await tlsStage(async ({ target }) => {
    await barriers.reached('all have asked');
    return responseWith(`this is ${target}`, fresh);
  });
  const client = await stage.frames();
  for (let i = 0; i < 100; i++) client.request(2 * i + 1, requestFields('/one'));
  // What comes behind them is answered when all of them have come.
  client.send(frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
  await client.until(() => client.of(frameTypes.ping).length > 0);
  barriers.open('all have asked');
  await client.until(() => Array.from({ length: 100 }, (_, i) => client.isOver(2 * i + 1)).every(Boolean));
  const contents = Array.from({ length: 100 }, (_, i) =>
    client
      .of(frameTypes.data, 2 * i + 1)
      .map(({ payload }) => payload.toString())
      .join(''),
  );
  expect(new Set(contents)).toEqual(new Set(['this is /one']));
  expect(stage.origin.seen).toHaveLength(1);
});

it('one more than there may be is refused so that it can be sent again, before the client knows of the limit', async () => {
  const stage = await tlsStage(() => undefined, { limits: { clientStreams: 2 } });
  const client = await stage.frames();
  for (const stream of [1, 3, 5]) client.request(stream, requestFields(`/${stream}`));
  await client.until(() => client.of(frameTypes.reset).length > 0);
  const resets = client.of(frameTypes.reset).map(({ stream, payload }) => [stream, payload.readUInt32BE()]);
  expect(resets).toEqual([[5, refusedStream]]);
  await stage.origin.requests(2);
  expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/1', '/3']);
});

it('one more than there may be ends the connection of a client that has acknowledged the limit', async () => {
  const stage = await tlsStage(() => undefined, { limits: { clientStreams: 2 } });
  const client = await stage.frames();
  await client.until(() => client.of(frameTypes.settings).length > 1);
  client.send(frame(frameTypes.settings, 0x1, 0));
  for (const stream of [1, 3, 5]) client.request(stream, requestFields(`/${stream}`));
  await client.closed;
  expect(stage.origin.seen.map(({ target }) => target)).not.toContain('/5');
});

it.each([
  ['more than is handed over', 300_000],
  // One piece, and a few bytes more than a client takes that says nothing of how much it takes.
  ['a little, and complete', 65_600],
])('one whose client takes nothing of %s is let go of, and holds up no other', async (_, length) => {
  const content = 'x'.repeat(length);
  const stage = await tlsStage(({ target }) => responseWith(target === '/long' ? content : target), {
    limits: { clientStallMs: 300 },
  });
  const client = await stage.frames();
  client.send(frame(frameTypes.windowUpdate, 0, 0, uint32(2 ** 30)));
  client.request(1, requestFields('/long'));
  await client.until(() => client.of(frameTypes.data, 1).length > 0);
  client.request(3, requestFields('/next'));
  await client.until(() => client.isOver(3));
  expect(client.isOver(1)).toBe(false);
  await client.until(() => client.isOver(1));
  expect(client.of(frameTypes.reset, 1)).toHaveLength(1);
  const got = client.of(frameTypes.data, 1).reduce((sum, { payload }) => sum + payload.length, 0);
  expect(got).toBeLessThan(content.length);
});

it('one whose client takes it back has its request to the origin broken off, and no other', async () => {
  const stage = await tlsStage(({ target }) => (target === '/form' ? undefined : responseWith(target)));
  const client = await stage.frames();
  const post = requestFields('/form').map(([n, v]): [string, string] => [n, n === ':method' ? 'POST' : v]);
  client.request(1, post);
  await stage.origin.requests(1);
  const [asked] = stage.origin.connections;
  client.request(3, requestFields('/next'));
  await client.until(() => client.isOver(3));
  client.send(frame(frameTypes.reset, 0, 1, uint32(cancel)));
  await asked?.closed;
  client.request(5, requestFields('/last'));
  await client.until(() => client.isOver(5));
  expect(client.of(frameTypes.reset)).toEqual([]);
  expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/form', '/next', '/last']);
});

it.each(['end', 'destroy'] as const)('all end with a client that leaves without a word (%s)', async (leave) => {
  const stage = await tlsStage(() => undefined, { limits: { clientConnections: 1, clientKeepAliveMs: 600_000 } });
  const client = await stage.frames();
  const post = requestFields('/form').map(([n, v]): [string, string] => [n, n === ':method' ? 'POST' : v]);
  client.request(1, post);
  await stage.origin.requests(1);
  client.socket[leave]();
  await stage.origin.connections[0]?.closed;
  expect(stage.origin.seen).toHaveLength(1);
});

it('a response that breaks off resets its stream, and is never an end', async () => {
  const stage = await tlsStage(({ target, connection }) => {
    if (target !== '/broken') return responseWith(target);
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
    connection.socket.end();
    return undefined;
  });
  const session = stage.http2();
  await expect(ask(session, { ':path': '/broken' })).rejects.toThrow(/closed with error code NGHTTP2_/);
  expect((await ask(session, { ':path': '/next' })).content).toBe('/next');
});

it('are all answered when Etagere closes, which tells so by GOAWAY', async () => {
  const barriers = new Barriers();
  const stage = await tlsStage(async ({ target }) => {
    await barriers.reached('closing');
    return responseWith(target);
  });
  const session = stage.http2();
  const under = ['/a', '/b', '/c'].map((target) => ask(session, { ':path': target }));
  await stage.origin.requests(3);
  const goaway = once(session, 'goaway');
  const closed = stage.etagere.close();
  expect(await goaway).toEqual([0, 2 ** 31 - 1, undefined]);
  barriers.open('closing');
  expect((await Promise.all(under)).map(({ content }) => content)).toEqual(['/a', '/b', '/c']);
  await closed;
  expect(session.destroyed || session.closed).toBe(true);
});

it('content that does not come is answered 408, and too much of it 413', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target), {
    limits: { clientContentIdleMs: 100, clientContentBytes: 1_000 },
  });
  const client = await stage.frames();
  const post = requestFields('/form').map(([n, v]): [string, string] => [n, n === ':method' ? 'POST' : v]);
  client.send(
    frame(frameTypes.headers, endHeaders, 1, fieldBlock(post)),
    frame(frameTypes.headers, endHeaders, 3, fieldBlock(post)),
    frame(frameTypes.data, 0, 3, Buffer.alloc(1_001)),
  );
  await client.until(() => client.isOver(1) && client.isOver(3));
  const told = (stream: number): string =>
    client
      .of(frameTypes.data, stream)
      .map(({ payload }) => payload.toString())
      .join('');
  expect(told(1)).toContain('"status":408');
  expect(told(3)).toContain('"status":413');
  expect(stage.origin.seen).toEqual([]);
});
