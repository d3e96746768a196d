import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContinueFilter } from '../../../src/origin/continue-filter.ts';

const interim100 = 'HTTP/1.1 100 Continue\r\nx: y\r\n\r\n';
const interim103 = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
const final = 'HTTP/1.1 200 OK\r\ncontent-length: 29\r\n\r\nHTTP/1.1 100 is no head here\n';

/** What is passed on of these pieces, with what is held back at the end. */
function filtered(...pieces: readonly string[]): string {
  const filter = new ContinueFilter();
  filter.expectResponse();
  const passed = pieces.map((piece) => filter.pass(Buffer.from(piece, 'latin1')));
  return Buffer.concat([...passed, filter.end()]).toString('latin1');
}

describe('ContinueFilter', () => {
  it.each<[string, string, string]>([
    ['a 100', interim100 + final, final],
    ['a 100 without a reason', `HTTP/1.1 100\r\n\r\n${final}`, final],
    ['a 100 of HTTP/1.0', `HTTP/1.0 100 Continue\r\n\r\n${final}`, final],
    ['several', interim100 + interim100 + final, final],
    [
      'one among other interim responses',
      interim103 + interim100 + interim103 + final,
      interim103 + interim103 + final,
    ],
  ])('drops %s', (_, sent, expected) => {
    expect(filtered(sent)).toBe(expected);
  });

  it.each<[string, string]>([
    ['a final response', final],
    ['a status that only begins like it', 'HTTP/1.1 1000 X\r\n\r\n'],
    ['what is no response', 'HTTP/1.1 nonsense'],
    ['an interim head that does not end', `HTTP/1.1 100 ${'x'.repeat(70_000)}`],
    ['a response that breaks off in its status', 'HTTP/1.1 10'],
  ])('leaves alone %s', (_, sent) => {
    expect(filtered(sent)).toBe(sent);
  });

  it('gives the same however the bytes come in pieces', () => {
    const sent = interim103 + interim100 + final;
    fc.assert(
      fc.property(fc.array(fc.nat(sent.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
        const pieces = at.slice(1).map((end, i) => sent.slice(at[i], end));
        expect(filtered(...pieces)).toBe(interim103 + final);
      }),
    );
  });

  it('looks at nothing while no response is due', () => {
    expect(new ContinueFilter().pass(Buffer.from(interim100)).toString()).toBe(interim100);
  });
});
