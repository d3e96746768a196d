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
