import fc from 'fast-check';
import { oneOf } from './chance.ts';

/** What a client sends on one connection, in the pieces in which it sends it. */
export interface Conversation {
  readonly pieces: readonly string[];
}

const requestLine = fc
  .tuple(
    oneOf([12, 'GET'], [4, 'HEAD'], [1, 'POST'], [1, 'OPTIONS'], [1, 'get'], [1, 'BREW'], [1, 'QUERY']),
    oneOf(
      [8, '/fresh'],
      [3, '/chunked'],
      [2, '/varies'],
      [2, '/private'],
      [1, '/large'],
      [1, '/error'],
      [1, '/fresh?a=b&c=%20'],
      [1, '/%zz'],
      [1, '/a/../b'],
      [1, '/a|b'],
      [1, '/caf\u00e9'],
      [1, '/a b'],
      [1, '*'],
      [1, 'http://a.test/fresh'],
      [1, 'fresh'],
      [1, '/fresh#x'],
      [1, `/${'x'.repeat(2_000)}`],
    ),
    oneOf([30, 'HTTP/1.1'], [1, 'HTTP/1.0'], [1, 'HTTP/1.2'], [1, 'http/1.1'], [1, 'HTTP/2.0'], [1, '']),
    oneOf([30, ' '], [1, '  '], [1, '\t']),
  )
  .map(([method, target, version, gap]) => {
    // What a POST invalidates depends on what was in flight beside it, and that is not what is compared here.
    const safe = ['GET', 'HEAD', 'OPTIONS', 'QUERY', 'get'].includes(method);
    return [method, safe ? target : '/other', version].join(gap);
  });

/** Fields that plain clients send, and fields that say something to a cache. */
const ordinary = fc.constantFrom(
  'Accept: */*',
  'accept: text/html',
  'User-Agent: a (b; c) d/1.0',
  'Accept-Encoding: gzip, br',
  'Accept-Language: de, en;q=0.5',
  'Accept-Language: en',
  'Cookie: a=b',
  'Authorization: Basic YQ==',
  'If-None-Match: "v"',
  'If-None-Match: "other"',
  'If-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT',
  'If-Match: "v"',
  'Range: bytes=0-1',
  'Range: bytes=1-1,3-3',
  'Range: bytes=900-',
  'Cache-Control: no-cache',
  'Cache-Control: max-age=5',
  'Cache-Control: only-if-cached',
  'Pragma: no-cache',
  'Connection: keep-alive',
  'X-Empty:',
);

/** Fields that not everybody reads alike. */
const odd = fc.constantFrom(
  'Host: b.test',
  'Connection: Keep-Alive, X-Empty',
  'Connection: close',
  'Proxy-Connection: close',
  'TE: trailers',
  'Expect: 100-continue',
  'Expect: 200-ok',
  'Upgrade: websocket',
  'Content-Length: 0',
  'Content-Length: 00',
  'Content-Length: +1',
  'Transfer-Encoding: chunked, identity',
  'X-Tab:\ta\t',
  'X-Spaces:   a  b   ',
  'X-Latin: caf\u00e9',
  'X-Fold: a\r\n b',
  'X-Control: a\u0001b',
  'X-Null: a\u0000b',
  'X-Return: a\rb',
  'X-Feed: a\nb',
  'X Space: a',
  'X-Before : a',
  ' X-Leading: a',
  'X_Forwarded_For: a',
  'no-colon',
  ': no-name',
  'X-Forwarded-For: 1.1.1.1',
  'Via: 1.1 etagere',
  `X-Long: ${'x'.repeat(9_000)}`,
);

const host = oneOf(
  [20, 'Host: a.test'],
  [1, 'host:a.test'],
  [1, 'HOST: A.TEST:80'],
  [1, 'Host: a test'],
  [1, 'Host:'],
  [1, 'X-No: host'],
);

const head = fc
  .tuple(
    requestLine,
    host,
    fc.array(ordinary, { maxLength: 4 }),
    fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(odd, { maxLength: 2 }) }),
    oneOf([30, '\r\n'], [1, '\n']),
  )
  .map(([line, named, plain, strange, end]) => [line, named, ...plain, ...strange, '', ''].join(end));

const withContent = fc.constantFrom(
  'POST /other HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc',
  'POST /other HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'POST /other HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc',
  'GET /fresh HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nGET ',
  '\r\nGET /fresh HTTP/1.1\r\nHost: a.test\r\n\r\n',
);

/** After this the connection closes, whatever came before. */
const last = 'GET /fresh HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';

const message = fc.oneof({ weight: 6, arbitrary: head }, { weight: 1, arbitrary: withContent });

/** A few requests, cut into pieces at places that need not be their ends. */
export const conversation: fc.Arbitrary<Conversation> = fc
  .tuple(
    fc.array(message, { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat({ max: 400 }), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([messages, cuts, together]) => ({
    pieces: together ? cut([...messages.map(withoutValidation), last].join(''), cuts) : [...messages, last],
  }));

/** node:http has requests that come together in work at once, and then one of them finds what another has just validated. */
function withoutValidation(text: string): string {
  return text.replaceAll(/^(Cache-Control|Pragma): no-cache$/gm, 'X-Plain: yes').replaceAll('/fresh?a=b', '/fresh');
}

function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const length of lengths) {
    if (length > 0 && at < text.length) pieces.push(text.slice(at, at + length));
    at += length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}
