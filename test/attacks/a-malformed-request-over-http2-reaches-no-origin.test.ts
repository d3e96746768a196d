import { expect, it } from 'vitest';
import { endHeaders, endStream, fieldBlock, frame, frameTypes, requestFields } from '../harness/raw-http2.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { ask, tlsStage } from '../harness/tls-stage.ts';

type Fields = readonly (readonly [name: string, value: string])[];

/** A request whose pseudo-header fields are these. */
function pseudo(...fields: Fields): Fields {
  return fields;
}

const method = [':method', 'GET'] as const;
const scheme = [':scheme', 'https'] as const;
const authority = [':authority', 'shop.test'] as const;
const path = [':path', '/'] as const;

const malformed: readonly (readonly [what: string, fields: Fields])[] = [
  // RFC 9113 §8.3.
  ['no method', pseudo(scheme, authority, path)],
  ['no scheme', pseudo(method, authority, path)],
  ['no path', pseudo(method, scheme, authority)],
  ['an empty path', pseudo(method, scheme, authority, [':path', ''])],
  ['neither authority nor Host', pseudo(method, scheme, path)],
  ['a method twice', pseudo(method, [':method', 'POST'], scheme, authority, path)],
  ['an authority twice', pseudo(method, scheme, authority, [':authority', 'other.test'], path)],
  ['a path twice', pseudo(method, scheme, authority, path, [':path', '/admin'])],
  ['an unknown pseudo-header field', pseudo(method, scheme, authority, path, [':status', '200'])],
  ['an extended CONNECT', pseudo([':method', 'CONNECT'], [':protocol', 'websocket'], scheme, authority, path)],
  ['a pseudo-header field behind others', pseudo(method, scheme, authority, ['x-a', '1'], path)],
  ['http, over TLS', pseudo(method, [':scheme', 'http'], authority, path)],
  ['a scheme with a target in it', pseudo(method, [':scheme', 'https://other.test/?'], authority, path)],
  ['a path that is a URI', pseudo(method, scheme, authority, [':path', 'https://other.test/'])],
  ['a path without a slash', pseudo(method, scheme, authority, [':path', 'admin'])],
  ['* for GET', pseudo(method, scheme, authority, [':path', '*'])],
  ['a fragment', pseudo(method, scheme, authority, [':path', '/a#b'])],
  ['a dot segment', pseudo(method, scheme, authority, [':path', '/a/../b'])],
  ['a request line in the path', pseudo(method, scheme, authority, [':path', '/ HTTP/1.1\r\nHost: x\r\n\r\nGET /b'])],
  ['a request line in the method', pseudo([':method', 'GET /b HTTP/1.1\r\nx:'], scheme, authority, path)],
  ['a method in small letters', pseudo([':method', 'get'], scheme, authority, path)],
  ['CONNECT', pseudo([':method', 'CONNECT'], authority)],
  ['TRACE', pseudo([':method', 'TRACE'], scheme, authority, path)],
  ['userinfo in the authority', pseudo(method, scheme, [':authority', 'a@shop.test'], path)],
  ['two authorities in one', pseudo(method, scheme, [':authority', 'shop.test, other.test'], path)],
  ['an empty authority', pseudo(method, scheme, [':authority', ''], path)],
  // RFC 9113 §8.3.1.
  ['a Host that is another', requestFields('/', [['host', 'other.test']])],
  ['a Host with another port', requestFields('/', [['host', 'shop.test:8443']])],
  ['two Hosts, and no authority', pseudo(method, scheme, path, ['host', 'shop.test'], ['host', 'other.test'])],
  // RFC 9113 §8.2.
  ['a capital letter', requestFields('/', [['X-Name', 'a']])],
  // RFC 9113 §8.2.2.
  ['Transfer-Encoding', requestFields('/', [['transfer-encoding', 'chunked']])],
  [
    'Connection',
    requestFields('/', [
      ['connection', 'x-a'],
      ['x-a', '1'],
    ]),
  ],
  ['Keep-Alive', requestFields('/', [['keep-alive', 'timeout=5']])],
  ['Proxy-Connection', requestFields('/', [['proxy-connection', 'keep-alive']])],
  ['Upgrade', requestFields('/', [['upgrade', 'h2c']])],
  ['HTTP2-Settings', requestFields('/', [['http2-settings', 'AAMAAABkAAQAAP__']])],
  ['TE that wants chunks', requestFields('/', [['te', 'chunked']])],
  ['TE with more than trailers', requestFields('/', [['te', 'trailers, deflate;q=0.5']])],
  // What the gate refuses of all requests.
  ['an underscore twin', requestFields('/', [['content_length', '5']])],
  [
    'Content-Length twice',
    requestFields('/', [
      ['content-length', '0'],
      ['content-length', '5'],
    ]),
  ],
  ['a length that is no number', requestFields('/', [['content-length', '+0']])],
  ['a length without content', requestFields('/', [['content-length', '5']])],
];

it.each(malformed)(
  '%s: an error or a reset, and the next request on that connection is answered',
  async (_, fields) => {
    const stage = await tlsStage(({ target }) => responseWith(target));
    const client = await stage.frames();
    client.request(1, fields);
    await client.until(() => client.isOver(1) || client.goneAway !== undefined);
    expect(stage.origin.seen).toEqual([]);
    expect(client.goneAway).toBeUndefined();
    client.request(3, requestFields('/next'));
    await client.until(() => client.isOver(3));
    expect(client.of(frameTypes.data, 3).map(({ payload }) => payload.toString())).toEqual(['/next']);
    expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/next']);
    expect(stage.origin.faults()).toEqual([]);
  },
);

// nghttp2 leaves these fields out, and tells nobody.
it.each<readonly [what: string, name: string, value: string]>([
  ['a line end in a value', 'x-a', 'a\r\nx-smuggled: 1'],
  ['NUL in a value', 'x-a', 'a\u0000b'],
  ['CR in a value', 'x-a', 'a\rb'],
  ['whitespace before a value', 'x-a', ' a'],
  ['whitespace behind a value', 'x-a', 'a\t'],
  ['an empty name', '', 'smuggled'],
  ['a colon in a name', 'x:a', 'smuggled'],
  ['a space in a name', 'x a', 'smuggled'],
  ['a line end in a name', 'x\r\na', 'smuggled'],
])('a field with %s does not reach the origin', async (_, name, value) => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  client.request(1, requestFields('/', [[name, value]]));
  await client.until(() => client.isOver(1) || client.goneAway !== undefined);
  for (const { raw } of stage.origin.seen) expect(raw).not.toMatch(/x-a|smuggled/i);
  expect(stage.origin.faults()).toEqual([]);
});

it.each([
  ['less than it said', '10', 'abc'],
  ['more than it said', '2', 'abc'],
])('a request that brings %s is whole at no origin', async (_, length, content) => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  const fields = requestFields('/form', [['content-length', length]]).map(([name, value]): [string, string] => [
    name,
    name === ':method' ? 'POST' : value,
  ]);
  client.send(
    frame(frameTypes.headers, endHeaders, 1, fieldBlock(fields)),
    frame(frameTypes.data, endStream, 1, Buffer.from(content)),
  );
  await client.until(() => client.isOver(1));
  expect(client.of(frameTypes.reset, 1)).toHaveLength(1);
  const { content: next } = await ask(stage.http2(), { ':path': '/next' });
  expect(next).toBe('/next');
  expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/next']);
});

it('trailers go nowhere, and cookies in pieces are one field', async () => {
  const stage = await tlsStage(({ target }) => responseWith(target));
  const client = await stage.frames();
  const fields = requestFields('/form', [
    ['cookie', 'a=1'],
    ['te', 'trailers'],
    ['cookie', 'b=2'],
  ]);
  client.send(
    frame(frameTypes.headers, endHeaders, 1, fieldBlock(fields.map(([n, v]) => [n, n === ':method' ? 'POST' : v]))),
    frame(frameTypes.data, 0, 1, Buffer.from('abc')),
    frame(frameTypes.headers, endHeaders | endStream, 1, fieldBlock([['x-trailer', 'GET / HTTP/1.1']])),
  );
  await client.until(() => client.isOver(1));
  const [seen] = stage.origin.seen;
  expect(seen?.content).toBe('abc');
  expect(seen?.values('cookie')).toEqual(['a=1; b=2']);
  expect(seen?.raw).not.toMatch(/x-trailer|\nte:/i);
});
