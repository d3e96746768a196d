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

  it('differ in every character, however often one of them was found', () => {
    const known = new KnownHeads(2 ** 20);
    const lines = `Host: a.test\r\nAccept: ${'x'.repeat(100)}\r\n\r\n`;
    known.add(lines, head);
    for (let index = 0; index < lines.length; index++) {
      expect(known.find(lines)).toBe(head);
      expect(known.find(`${lines.slice(0, index)}~${lines.slice(index + 1)}`)).toBeUndefined();
    }
  });

  it('are gone with the others, however often they were found', () => {
    const known = new KnownHeads(64 * 1024);
    for (let index = 0; index < 1_000; index++) {
      known.add(`${index}`, head);
      expect(known.find(`${index}`)).toBe(head);
    }
    const found = Array.from({ length: 1_000 }, (_, index) => known.find(`${index}`)).filter((one) => one === head);
    expect(found.length).toBeLessThanOrEqual(64);
  });

  it('are not kept where there is no room for one', () => {
    const known = new KnownHeads(0);
    known.add('a', head);
    expect(known.size).toBe(0);
  });
});
