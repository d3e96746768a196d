import { expect, test } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { fieldsOf, fieldValue } from '../../../src/http/fields.ts';
import { stage, trustedPeer } from './engine-stage.ts';

type Line = readonly [name: string, value: string];

/** An exchange whose peer claims something. */
const claiming =
  (address: string, ...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => ({
    ...exchange,
    client: { address },
    request: { ...exchange.request, fields: fieldsOf(['host', 'example.com'], ...lines) },
  });

const stranger = '192.0.2.7';
const fresh: Line = ['cache-control', 'max-age=60'];

test('a stranger who claims to be alice gets nothing that was made for her', () => {
  const { answer, ask, origin } = stage();
  ask('/', claiming(trustedPeer, ['x-forwarded-user', 'alice']));
  answer(0, fresh, ['vary', 'X-Forwarded-User']);
  ask('/', claiming(stranger, ['x-forwarded-user', 'alice']));
  expect(origin.arrivals).toHaveLength(2);
  ask('/', claiming(trustedPeer, ['x-forwarded-user', 'alice']));
  expect(origin.arrivals).toHaveLength(2);
});

test('a stranger who claims to be alice puts nothing in her place, and waits for nothing of hers', () => {
  const { answer, ask, origin } = stage();
  ask('/', claiming(stranger, ['x-forwarded-user', 'alice']));
  answer(0, fresh, ['vary', 'X-Forwarded-User']);
  ask('/', claiming(trustedPeer, ['x-forwarded-user', 'alice']));
  ask('/', claiming(stranger, ['x-forwarded-user', 'alice'], ['cache-control', 'no-cache']));
  const users = origin.arrivals.map(({ fields }) => fieldValue(fields, 'x-forwarded-user'));
  expect(users).toEqual([undefined, 'alice', undefined]);
});

test('a response made for what a trusted peer claims is kept from others, unless Vary names that', () => {
  const { answer, ask, origin, records } = stage();
  const port: Line = ['x-forwarded-port', '1337'];
  ask('/', claiming(trustedPeer, port));
  answer(0, fresh);
  ask('/', claiming(stranger));
  answer(1, fresh, ['vary', 'X-Forwarded-Port']);
  ask('/', claiming(trustedPeer, port));
  answer(2, fresh, ['vary', 'X-Forwarded-Port']);
  ask('/', claiming(trustedPeer, port));
  ask('/', claiming(stranger));
  expect(origin.arrivals).toHaveLength(3);
  expect(records.map(({ cacheStatus: { stored, detail, hit } }) => detail ?? stored ?? hit)).toEqual([
    'unkeyed-claim',
    true,
    true,
    true,
    true,
  ]);
});

test('what a proxy before us always says of its client keeps nothing off the shelf', () => {
  const { answer, ask, origin } = stage();
  const usual: Line[] = [
    ['x-forwarded-for', '198.51.100.1'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'example.com'],
    ['x-real-ip', '198.51.100.1'],
    ['forwarded', 'for=198.51.100.1;host=example.com'],
  ];
  ask('/', claiming(trustedPeer, ...usual));
  answer(0, fresh);
  ask('/', claiming(stranger));
  expect(origin.arrivals).toHaveLength(1);
});

test('neither a trusted peer nor a stranger asks for another target or method than the request says', () => {
  const { answer, ask, origin } = stage();
  ask('/', claiming(trustedPeer, ['x-original-url', '/admin'], ['x-http-method-override', 'DELETE']));
  answer(0, fresh);
  ask('/', claiming(stranger));
  expect(origin.arrivals).toHaveLength(1);
  const fields = origin.arrivals[0]?.fields ?? fieldsOf();
  expect(['x-original-url', 'x-http-method-override'].map((name) => fieldValue(fields, name))).toEqual([
    undefined,
    undefined,
  ]);
});
