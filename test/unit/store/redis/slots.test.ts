import { describe, expect, it } from 'vitest';
import { redirectionOf, slotOf, slotRangesOf } from '../../../../src/store/redis/slots.ts';

describe('the slot of a key', () => {
  // As CLUSTER KEYSLOT says.
  it.each([
    ['', 0],
    ['123456789', 0x31c3],
    ['foo', 12182],
    ['{foo}.bar', 12182],
    ['a{foo}b{bar}', 12182],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
  ])('is that of what is in its first braces, if anything is: %s', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });
});

describe('what a cluster says of its slots', () => {
  const host = Buffer.from('10.0.0.1');

  it('is who is in charge of which', () => {
    const reply = [
      [0, 99, [host, 7000, Buffer.from('id')], [Buffer.from('10.0.0.2'), 7001, Buffer.from('id')]],
      [100, 16_383, [null, 7002, Buffer.from('id')]],
    ];
    expect(slotRangesOf(reply)).toEqual([
      { first: 0, last: 99, host: '10.0.0.1', port: 7000 },
      { first: 100, last: 16_383, host: '', port: 7002 },
    ]);
  });

  it.each([
    ['no list', 'OK'],
    ['a list of other things', [1, [2, 3], [0, 1, 'host']]],
    ['slots that there are not', [[0, 16_384, [host, 7000]]]],
    ['a negative slot', [[-1, 5, [host, 7000]]]],
    ['a port that there is not', [[0, 1, [host, 65_536]]]],
  ])('is nothing where it is %s', (_what, reply) => {
    expect(slotRangesOf(reply)).toEqual([]);
  });
});

describe('a redirection', () => {
  it.each([
    ['MOVED 3999 127.0.0.1:6381', { slot: 3999, host: '127.0.0.1', port: 6381 }],
    ['ASK 3999 :6381', { slot: 3999, host: '', port: 6381 }],
    ['MOVED 3999 ::1:6381', { slot: 3999, host: '::1', port: 6381 }],
    ['MOVED 16384 127.0.0.1:6381', undefined],
    ['MOVED 1 127.0.0.1', undefined],
    ['ERR unknown command', undefined],
  ])('says where a slot is: %s', (message, expected) => {
    expect(redirectionOf(message)).toEqual(expected);
  });
});
