import { expect, it } from 'vitest';
import {
  cancel,
  endHeaders,
  endStream,
  enhanceYourCalm,
  fieldBlock,
  frame,
  frameTypes,
  requestFields,
  uint32,
} from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { ask, tlsStage } from '../harness/tls-stage.ts';

/** A request that is taken back in the same breath. */
function takenBack(stream: number): Buffer {
  const head = fieldBlock(requestFields(`/${stream}`));
  return Buffer.concat([
    frame(frameTypes.headers, endHeaders | endStream, stream, head),
    frame(frameTypes.reset, 0, stream, uint32(cancel)),
  ]);
}

// CVE-2023-44487.
it('ends a connection over which 10,000 requests are taken back, and asks the origin for next to none', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  const flood = Array.from({ length: 10_000 }, (_, i) => takenBack(2 * i + 1));
  client.send(...flood);
  await client.closed;
  // With so much still on its way, the system may have reset the connection before that was read.
  expect([enhanceYourCalm, undefined]).toContain(client.goneAway);
  expect(stage.origin.seen.length).toBeLessThan(200);
  const { content } = await ask(stage.http2(), { ':path': '/after' });
  expect(content).toBe('/after');
});

it('ends it with ENHANCE_YOUR_CALM also where each request is taken back only once the origin has it', async () => {
  const stage = await tlsStage(() => undefined, { limits: { clientStreamResets: 5 } });
  const client = await stage.frames();
  for (let i = 0; i < 6; i++) {
    client.request(2 * i + 1, requestFields(`/${i}`));
    await stage.origin.requests(i + 1);
    client.send(frame(frameTypes.reset, 0, 2 * i + 1, uint32(cancel)));
  }
  await client.closed;
  expect(client.goneAway).toBe(enhanceYourCalm);
  expect(stage.origin.seen).toHaveLength(6);
});

it('lets a client take back as many as it lets be answered, for ever', async () => {
  const stage = await tlsStage(({ target }) => (target === '/slow' ? undefined : responseWith(target)), {
    limits: { clientStreamResets: 2 },
  });
  const client = await stage.frames();
  for (let i = 0; i < 20; i++) {
    const [slow, quick] = [4 * i + 1, 4 * i + 3];
    client.request(slow, requestFields('/slow'));
    client.send(frame(frameTypes.reset, 0, slow, uint32(cancel)));
    client.request(quick, requestFields(`/${i}`));
    await client.until(() => client.isOver(quick));
    expect(client.of(frameTypes.reset, quick)).toEqual([]);
  }
  expect(client.goneAway).toBeUndefined();
});
