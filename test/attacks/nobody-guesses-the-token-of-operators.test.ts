import { describe, expect, test } from 'vitest';
import { maxWrongTokens, wrongTokenMs } from '../../src/admin/limits.ts';
import { createEtagere } from '../../src/index.ts';
import { adminStage, statuses } from '../harness/admin-stage.ts';

const token = 'correct-horse-battery-staple';

test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:8081', 'cache.test:8081'])(
  'an address that others can reach has no admin API without a token: %s',
  (admin) => {
    const options = { origin: 'http://127.0.0.1:9', admin };
    expect(() => createEtagere(options)).toThrow('there is no token');
    expect(() => createEtagere({ ...options, adminToken: 'too-short' })).toThrow('adminToken');
  },
);

describe('a token', () => {
  test('is not found in ten thousand tries, nor does who tries keep out who has it', async () => {
    const { purges, isStillStored } = await adminStage({ adminToken: token });
    const began = performance.now();
    const counts = { 401: 0, 429: 0 };
    for (let round = 0; round < 10; round++) {
      const wrong = Array.from({ length: 1_000 }, (_, n) => [`Authorization: Bearer ${token.slice(0, -3)}${100 + n}`]);
      const { 401: looked = 0, 429: held = 0 } = statuses(await purges(wrong));
      counts[401] += looked;
      counts[429] += held;
    }
    const allowed = maxWrongTokens + Math.ceil((performance.now() - began) / wrongTokenMs);
    expect(counts[401] + counts[429]).toBe(10_000);
    expect(counts[401]).toBeLessThanOrEqual(allowed);
    expect(await isStillStored()).toBe(true);
    expect(statuses(await purges([[`Authorization: Bearer ${token}`]]))).toEqual({ 200: 1 });
    expect(await isStillStored()).toBe(false);
  });

  test.each([
    ['none', []],
    ['an empty one', ['Authorization: Bearer ']],
    ['a beginning of it', [`Authorization: Bearer ${token.slice(0, -1)}`]],
    ['more than it', [`Authorization: Bearer ${token}x`]],
    ['it in other letters', [`Authorization: Bearer ${token.toUpperCase()}`]],
    ['it by another scheme', [`Authorization: Basic ${token}`]],
    ['it among others', [`Authorization: Bearer wrong, Bearer ${token}`]],
    ['it in one line of two', ['Authorization: Bearer wrong', `Authorization: Bearer ${token}`]],
    ['it in another field', [`X-Authorization: Bearer ${token}`, `Cookie: token=${token}`]],
    ['eight thousand characters', [`Authorization: Bearer ${'a'.repeat(8_000)}`]],
  ])('is wanted as it is: not %s', async (_, lines) => {
    const { purges, isStillStored } = await adminStage({ adminToken: token });
    expect(statuses(await purges([lines]))).toEqual({ 401: 1 });
    expect(await isStillStored()).toBe(true);
  });
});
