import { expect, it } from 'vitest';
import {
  cancel,
  endHeaders,
  fieldBlock,
  frame,
  frameTypes,
  type RawHttp2,
  requestFields,
  uint32,
} from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { ask, type TlsStage, tlsStage } from '../harness/tls-stage.ts';

const protocolError = 0x1;
const content = Buffer.alloc(10, 'x');

/** The beginning of a form, with content that goes on. */
function form(stream: number): Buffer {
  const fields = requestFields('/form').map(([n, v]): [string, string] => [n, n === ':method' ? 'POST' : v]);
  return Buffer.concat([
    frame(frameTypes.headers, endHeaders, stream, fieldBlock(fields)),
    frame(frameTypes.data, 0, stream, content),
  ]);
}

const forms = (from: number, count: number): Buffer[] => Array.from({ length: count }, (_, i) => form(from + 2 * i));

const failure = frame(frameTypes.goaway, 0, 0, Buffer.concat([uint32(0), uint32(protocolError)]));

/** A client whose settings have been taken: what it sends next is read in one piece. */
async function settled(stage: TlsStage): Promise<RawHttp2> {
  const client = await stage.frames();
  await client.until(() => client.of(frameTypes.settings).length > 1);
  return client;
}

// https://github.com/nodejs/node/issues/64850: each of these aborts a process that ends the session at once on Node 22.23.3.
it.each<readonly [what: string, pieces: readonly Buffer[]]>([
  ['GOAWAY with an error', [failure, ...forms(1, 20)]],
  ['GOAWAY with an error among requests', [...forms(1, 2), failure, ...forms(5, 20)]],
  [
    'more resets than may be',
    Array.from({ length: 30 }, (_, i) => [
      form(2 * i + 1),
      frame(frameTypes.reset, 0, 2 * i + 1, uint32(cancel)),
    ]).flat(),
  ],
])('%s ends its connection, and neither content that stands behind it nor another client', async (_, pieces) => {
  const stage = await tlsStage(({ method, target }) => (method === 'POST' ? undefined : responseWith(target)), {
    limits: { clientStreamResets: 2 },
  });
  const other = stage.http2();
  expect((await ask(other, { ':path': '/before' })).content).toBe('/before');
  for (let i = 0; i < 5; i++) {
    const client = await settled(stage);
    client.send(...pieces);
    await client.closed;
  }
  expect((await ask(other, { ':path': '/after' })).content).toBe('/after');
});
