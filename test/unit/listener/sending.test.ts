import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import type { Hit } from '../../../src/engine/exchange.ts';
import { noFields } from '../../../src/http/fields.ts';
import { Sending } from '../../../src/listener/sending.ts';
import { afterwards } from './stage.ts';

/** What is written to that socket, in this order; nobody takes it. */
function writtenTo(socket: Socket): string[] {
  const written: string[] = [];
  socket.write = (piece: string | Uint8Array): boolean => {
    written.push(Buffer.from(piece).toString());
    return false;
  };
  afterwards(async () => socket.destroy());
  return written;
}

/** A hit of three pieces, and what was told at its end. */
function heldHit(): { readonly hit: Hit; readonly ends: unknown[] } {
  const ends: unknown[] = [];
  const hit: Hit = {
    head: { status: 200, fields: noFields },
    content: ['one', 'two', 'three'].map((piece) => Buffer.from(piece)),
    contentBytes: 11,
    hold: () => (end, untaken) => ends.push([end, untaken]),
    isRepeated: false,
    serialized: undefined,
  };
  return { hit, ends };
}

it('writes large content piece by piece under TLS, which makes a copy of all that is written', () => {
  const socket = new TLSSocket(new PassThrough());
  const written = writtenTo(socket);
  const { hit, ends } = heldHit();
  const sending = new Sending(socket);
  sending.write(Buffer.from('head'), hit);
  expect(written).toEqual(['head', 'one']);
  expect([sending.goOn(), sending.goOn(), sending.goOn()]).toEqual([true, true, false]);
  expect(written).toEqual(['head', 'one', 'two', 'three']);
  sending.letGo('complete');
  expect(ends).toEqual([['complete', 0]]);
});

it('counts what was not written as not taken', () => {
  const socket = new TLSSocket(new PassThrough());
  writtenTo(socket);
  const { hit, ends } = heldHit();
  const sending = new Sending(socket);
  sending.write(Buffer.from('head'), hit);
  sending.letGo('client-left');
  expect(ends).toEqual([['client-left', 'twothree'.length]]);
});

it('hands all of it over at once elsewhere', () => {
  const socket = new Socket();
  const written = writtenTo(socket);
  const { hit } = heldHit();
  const sending = new Sending(socket);
  sending.write(Buffer.from('head'), hit);
  expect(written).toEqual(['head', 'one', 'two', 'three']);
  expect(sending.goOn()).toBe(false);
});
