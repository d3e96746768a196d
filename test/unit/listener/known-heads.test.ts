import { describe, expect, it } from 'vitest';
import { noFields } from '../../../src/http/fields.ts';
import { KnownHeads } from '../../../src/listener/known-heads.ts';

const head = { authority: 'a.test', fields: noFields };

describe('known heads', () => {
  it('are found by their bytes, and only by them', () => {
    const known = new KnownHeads(2 ** 20);
    known.add('Host: a.test\r\n\r\n', head);
    expect(known.find('Host: a.test\r\n\r\n')).toBe(head);
    expect(known.find('host: a.test\r\n\r\n')).toBeUndefined();
  });

  it('are bounded in bytes; those in use stay', () => {
    const known = new KnownHeads(64 * 1024);
    known.add('used', head);
    for (let index = 0; index < 1_000; index++) {
      known.add(`${index}`, head);
      expect(known.find('used')).toBe(head);
    }
    expect(known.size).toBeLessThanOrEqual(64);
    expect(known.find('0')).toBeUndefined();
  });

  it('are not kept where there is no room for one', () => {
    const known = new KnownHeads(0);
    known.add('a', head);
    expect(known.size).toBe(0);
  });
});
