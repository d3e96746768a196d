import { expect, it } from 'vitest';
import { endHeaders, endStream, fieldBlock, frame, frameTypes, requestFields } from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { tlsStage } from '../harness/tls-stage.ts';

// CVE-2024-27316 and its kin.
it.each([
  ['that are empty', Buffer.alloc(0)],
  ['with a field each', fieldBlock([['x-a', 'a'.repeat(1_000)]])],
])('10,000 CONTINUATION frames %s end the connection, and nothing reaches the origin', async (_, payload) => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  client.send(
    frame(frameTypes.headers, endStream, 1, fieldBlock(requestFields('/'))),
    ...Array.from({ length: 10_000 }, () => frame(frameTypes.continuation, 0, 1, payload)),
  );
  await client.closed;
  expect(stage.origin.seen).toEqual([]);
});

it('a head that never ends is waited for no longer than for any other', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target), { limits: { clientHeadTimeoutMs: 100 } });
  const client = await stage.frames();
  client.send(frame(frameTypes.headers, endStream, 1, fieldBlock(requestFields('/'))));
  await client.closed;
  expect(stage.origin.seen).toEqual([]);
});

it.each([
  ['one field more than is allowed', Array.from({ length: 11 }, (_, i): [string, string] => [`x-${i}`, 'a'])],
  ['1,000 fields', Array.from({ length: 1_000 }, (_, i): [string, string] => [`x-${i}`, 'a'])],
  ['a value that is too long', [['x-a', 'a'.repeat(600)]] as [string, string][]],
  ['a head that is too long', Array.from({ length: 8 }, (_, i): [string, string] => [`x-${i}`, 'a'.repeat(400)])],
])('%s: 431 or a reset, and nothing reaches the origin', async (_, fields) => {
  const stage = await tlsStage(({ target }) => responseWith(target), {
    limits: { clientFieldLines: 10, clientFieldValueBytes: 500, clientHeadBytes: 2_048 },
  });
  const client = await stage.frames();
  client.request(1, requestFields('/', fields));
  await client.until(() => client.isOver(1));
  expect(stage.origin.seen).toEqual([]);
  const told = client
    .of(frameTypes.data, 1)
    .map(({ payload }) => payload.toString())
    .join('');
  expect(client.of(frameTypes.reset, 1).length > 0 || told.includes('"status":431')).toBe(true);
  client.request(3, requestFields('/next'));
  await client.until(() => client.isOver(3));
  expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/next']);
});

it('what a table for heads makes large stays within the limits', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  // One field of 4,000 bytes that is to be remembered, then named by one byte each, 10,000 times (RFC 7541 §6.1, §6.2.1).
  const remembered = Buffer.concat([Buffer.from([0x40]), fieldBlock([['x-bomb', 'a'.repeat(3_900)]]).subarray(1)]);
  const block = Buffer.concat([fieldBlock(requestFields('/')), remembered, Buffer.alloc(10_000, 0x80 + 62)]);
  client.send(frame(frameTypes.headers, endHeaders | endStream, 1, block));
  await client.until(() => client.isOver(1) || client.goneAway !== undefined);
  expect(stage.origin.seen).toEqual([]);
});
