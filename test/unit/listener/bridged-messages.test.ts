import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BridgedMessages } from '../../../src/listener/bridged-messages.ts';

const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const long = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n${'GET / HTTP/1.1\r\n'.padEnd(40, 'x')}`;

function given(pieces: readonly string[], maxHeadBytes = 1_000): BridgedMessages {
  const messages = new BridgedMessages(maxHeadBytes);
  for (const piece of pieces) messages.add(Buffer.from(piece, 'latin1'));
  return messages;
}

describe('what was given to node:http', () => {
  it('ends with a message where the lengths say so, however it was cut', () => {
    const message = fc.constantFrom(plain, long);
    const property = fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.nat(), (sent, place) => {
      const text = sent.join('');
      const cut = place % text.length;
      expect(given([text.slice(0, cut), text.slice(cut)]).endTogether).toBe(true);
      const ends = sent.map((_, index) => sent.slice(0, index + 1).join('').length);
      // A head that says of more content ends with an empty line, too; node:http then waits for that.
      const isHead = text.slice(0, cut).endsWith('\r\n\r\n');
      expect(given([text.slice(0, cut)]).endTogether).toBe(cut === 0 || isHead || ends.includes(cut));
    });
    fc.assert(property);
  });

  it('ends with a message in chunks where it ends with an empty line', () => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(given([head, '1\r\na\r\n', '0\r\n\r', '\n']).endTogether).toBe(true);
    expect(given([head, '1\r\na\r\n', '0\r\n\r\n', 'G']).endTogether).toBe(false);
    expect(given([head, '1\r\na\r\n', '0\r\n\r\n', long]).endTogether).toBe(false);
  });

  it.each([
    ['a head that is too long', 'GET / HTTP/1.1\r\n'.padEnd(1_100, 'x')],
    ['a field that nobody understands', `GET / HTTP/1.1\r\nContent Length: 3\r\n\r\n`],
    ['a length that is none', `POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n`],
    ['a line before the request', `\r\n${plain}`],
  ])('is not known any more by its lengths after %s', (_, text) => {
    expect(given([text, long]).endTogether).toBe(false);
  });
});
