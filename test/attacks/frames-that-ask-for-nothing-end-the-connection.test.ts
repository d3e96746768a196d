import { expect, it } from 'vitest';
import {
  endHeaders,
  enhanceYourCalm,
  fieldBlock,
  frame,
  frameTypes,
  type RawHttp2,
  requestFields,
  uint32,
} from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { ask, type TlsStage, tlsStage } from '../harness/tls-stage.ts';

/** The fields of a request with content. */
function form(more: readonly (readonly [string, string])[] = []): [string, string][] {
  return requestFields('/form', more).map(([n, v]) => [n, n === ':method' ? 'POST' : v]);
}

/** What comes again and again, on a connection with a request under way on stream 1. */
const floods: readonly (readonly [what: string, one: (index: number) => Buffer])[] = [
  ['PING', () => frame(frameTypes.ping, 0, 0, Buffer.alloc(8))],
  ['SETTINGS', () => frame(frameTypes.settings, 0, 0)],
  [
    'SETTINGS of the window',
    (i) => frame(frameTypes.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(i % 2)])),
  ],
  ['WINDOW_UPDATE', () => frame(frameTypes.windowUpdate, 0, 0, uint32(1))],
  ['PRIORITY', (i) => frame(frameTypes.priority, 0, 2 * i + 3, Buffer.alloc(5))],
  ['empty DATA', () => frame(frameTypes.data, 0, 1)],
  ['of an unknown type', () => frame(0x42, 0, 0, Buffer.alloc(8))],
  ['RST_STREAM of a stream that is over', () => frame(frameTypes.reset, 0, 3, uint32(0))],
];

/** Sends until the other side has enough; what it answers is read, as the system would hold the flood back else. */
async function flood(client: RawHttp2, one: (index: number) => Buffer): Promise<void> {
  for (let i = 0; !client.socket.destroyed && client.goneAway === undefined; i += 100) {
    const burst = Array.from({ length: 100 }, (_, n) => one(i + n));
    await new Promise<void>((resolve) => {
      client.socket.write(Buffer.concat(burst), () => resolve());
    });
  }
}

it.each(floods)('frames %s end the connection, and nobody else notices', async (_, one) => {
  const stage = await tlsStage(({ target }) => (target === '/form' ? undefined : responseWith(target)), {
    limits: { clientControlBytes: 20_000 },
  });
  const client = await stage.frames();
  client.send(frame(frameTypes.headers, endHeaders, 1, fieldBlock(form())));
  client.request(3, requestFields('/a'));
  await client.until(() => client.isOver(3));
  await flood(client, one);
  await client.closed;
  const { content } = await ask(stage.http2(), { ':path': '/after' });
  expect(content).toBe('/after');
});

it('says ENHANCE_YOUR_CALM to whoever has sent no more than that', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target), { limits: { clientControlBytes: 2_000 } });
  const client = await stage.frames();
  client.send(...Array.from({ length: 200 }, () => frame(frameTypes.ping, 0, 0, Buffer.alloc(8))));
  await client.closed;
  expect(client.goneAway).toBe(enhanceYourCalm);
});

/** Resolves when it has been looked at what came over each connection: one that has nothing but pings to it is ended by that. */
async function looked(stage: TlsStage): Promise<void> {
  const other = await stage.frames();
  await flood(other, () => frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
  await other.closed;
  expect(other.goneAway).toBe(enhanceYourCalm);
}

it.each([
  ['is refused before it was read', [['content-length', '2000000']] as const, 1_000_000],
  ['is more than there may be', [] as const, 40_000],
])('content that %s is part of a request', async (_, fields, clientContentBytes) => {
  const stage = await tlsStage(({ target }) => responseWith(target), {
    limits: { clientControlBytes: 20_000, clientContentBytes },
  });
  const client = await stage.frames();
  client.send(
    frame(frameTypes.headers, endHeaders, 1, fieldBlock(form(fields))),
    ...Array.from({ length: 3 }, () => frame(frameTypes.data, 0, 1, Buffer.alloc(16_000))),
  );
  await client.until(() => client.isOver(1));
  await looked(stage);
  client.request(3, requestFields('/after'));
  await client.until(() => client.isOver(3));
  expect([client.isOver(3), client.goneAway]).toEqual([true, undefined]);
});

it('a client that asks, reads in small steps and keeps its connection alive may do so for long', async () => {
  const content = 'x'.repeat(2_000_000);
  const stage = await tlsStage(({ target }) => responseWith(target === '/long' ? content : target), {
    limits: { clientControlBytes: 2_000 },
  });
  const client = await stage.frames();
  client.send(frame(frameTypes.windowUpdate, 0, 0, uint32(2 ** 30)));
  client.request(1, requestFields('/long'));
  let read = 0;
  const length = (): number => client.of(frameTypes.data, 1).reduce((sum, { payload }) => sum + payload.length, 0);
  while (!client.isOver(1)) {
    await client.until(() => length() > read || client.isOver(1));
    read = length();
    client.send(frame(frameTypes.windowUpdate, 0, 1, uint32(16_384)), frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
  }
  await looked(stage);
  client.request(3, requestFields('/after'));
  await client.until(() => client.isOver(3));
  expect(client.isOver(3)).toBe(true);
  expect([length(), client.goneAway]).toEqual([content.length, undefined]);
});
