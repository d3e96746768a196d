import { beforeEach, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { overBothLanes, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { ask, type TlsStage, tlsStage } from '../harness/tls-stage.ts';

/** What a client gets, as far as it does not depend on when it asks, and on the protocol. */
interface Got {
  readonly status: number;
  readonly fields: readonly string[];
  readonly content: string;
}

interface Question {
  readonly method?: string;
  readonly target: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly content?: string;
}

const storable = ['ETag: "v1"', 'Last-Modified: Wed, 01 Jan 2025 00:00:00 GMT', 'Cache-Control: max-age=60'];

function answer({ method, target, content }: SeenRequest): string {
  if (target === '/empty') return 'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n';
  if (target === '/cookies')
    return responseWith('mine', ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-Twice: 1', 'X-Twice: 2']);
  if (target === '/twice') return responseWith('typed', ['Content-Type: text/plain', 'Content-Type: text/html']);
  if (target === '/chunks') {
    return ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '4', 'four', '5', 'more!', '0', '', ''].join('\r\n');
  }
  if (target === '/gone') return responseWith('not here', ['Content-Type: text/plain'], '404 Not Found');
  if (target === '/latin') return responseWith('x', ['X-Name: caf\u00e9']);
  if (target === '/shared') return responseWith('for all', storable);
  return responseWith(`${method} ${target} ${content}`, ['Cache-Control: no-store']);
}

const questions: readonly Question[] = [
  { target: '/shared' },
  { target: '/shared' },
  { method: 'HEAD', target: '/shared' },
  { target: '/shared', fields: [['if-none-match', '"v1"']] },
  { target: '/shared', fields: [['range', 'bytes=1-3']] },
  { target: '/shared', fields: [['range', 'bytes=0-0,2-3']] },
  { target: '/shared', fields: [['range', 'bytes=100-']] },
  { target: '/empty' },
  { target: '/cookies', fields: [['cookie', 'a=1; b=2']] },
  { target: '/twice' },
  { target: '/chunks' },
  { target: '/gone' },
  { target: '/latin' },
  { method: 'POST', target: '/form', fields: [['content-length', '3']], content: 'a=b' },
  { method: 'PUT', target: '/file', fields: [['content-length', '0']], content: '' },
  { method: 'PUT', target: '/file', fields: [['content-length', '0']] },
  { method: 'DELETE', target: '/file' },
  { method: 'OPTIONS', target: '*' },
  { method: 'TRACE', target: '/' },
  { target: '/a/../b' },
  { target: '/a|b' },
  { target: '/x', fields: [['content_length', '5']] },
  { target: '/x', fields: [['expect', 'miracles']] },
  { target: `/${'a'.repeat(9_000)}` },
  { target: '/x', fields: [['x-long', 'a'.repeat(9_000)]] },
  { target: '/never', fields: [['cache-control', 'only-if-cached']] },
];

/** What is about one connection, or tells the time, or a name that was drawn. */
const ofTheMoment = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'via', 'age', 'last-modified']);

function comparable(status: number, lines: readonly (readonly [string, string])[], content: string): Got {
  const byName = new Map<string, string[]>();
  for (const [name, value] of lines) {
    if (!ofTheMoment.has(name)) byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  const boundary = /boundary=([^;,"]+)/.exec(byName.get('content-type')?.join() ?? '')?.[1] ?? '\u0000';
  const text = (from: string): string => from.replaceAll(boundary, 'BOUNDARY').replace(/ttl=\d+/, 'ttl=N');
  return {
    status,
    fields: [...byName].map(([name, values]) => text(`${name}: ${values.join(', ')}`)).toSorted(),
    content: text(content),
  };
}

/** Asks in bytes of HTTP/1.1, by whatever brings these there and back. */
async function overHttp1(
  exchange: (bytes: string) => Promise<string>,
  { method = 'GET', target, fields = [], content = '' }: Question,
): Promise<Got> {
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  const bytes = [`${method} ${target} HTTP/1.1`, 'host: shop.test', 'connection: close', ...lines, '', content];
  const received = await exchange(bytes.join('\r\n'));
  const [message] = readResponses(received, [method], true).messages;
  if (message === undefined) throw new Error(`no response: ${received.slice(0, 200)}`);
  return comparable(Number(message.startLine.slice(9, 12)), message.fields, message.content);
}

function underTls(stage: TlsStage): (bytes: string) => Promise<string> {
  return async (bytes) => {
    const socket = await stage.secure(['http/1.1']);
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.write(bytes, 'latin1');
    await new Promise((resolve) => {
      socket.once('close', resolve);
    });
    return received;
  };
}

async function overHttp2(stage: TlsStage, { method = 'GET', target, fields = [], content }: Question): Promise<Got> {
  const session = stage.http2();
  const headers = { ':method': method, ':path': target, ':authority': 'shop.test', ...Object.fromEntries(fields) };
  const { status, headers: received, content: text } = await ask(session, headers, content);
  session.close();
  const lines = Object.entries(received)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, each]));
  return comparable(status, lines, text);
}

function asked({ origin }: ProxyStage): string[] {
  return origin.seen.map(({ method, target, content }) => `${method} ${target} ${content}`);
}

overBothLanes(() => {
  let plain: ProxyStage;
  let secure: TlsStage;
  let multiplexed: TlsStage;

  beforeEach(async () => {
    plain = await proxyStage(answer);
    secure = await tlsStage(answer);
    multiplexed = await tlsStage(answer);
  });

  it('gives the same answers over HTTP/1.1, over TLS, and over HTTP/2', async () => {
    for (const question of questions) {
      const expected = await overHttp1(plain.exchange, question);
      const name = JSON.stringify(question).slice(0, 200);
      expect(await overHttp1(underTls(secure), question), `${name} over TLS`).toEqual(expected);
      expect(await overHttp2(multiplexed, question), `${name} over HTTP/2`).toEqual(expected);
    }
    expect(asked(plain).length).toBeGreaterThan(8);
    expect(asked(secure)).toEqual(asked(plain));
    expect(asked(multiplexed)).toEqual(asked(plain));
  });

  it('tells the origin the scheme and the protocol', async () => {
    await overHttp2(multiplexed, { target: '/a' });
    await overHttp1(underTls(secure), { target: '/a' });
    const told = [multiplexed, secure].map(({ origin }) => origin.seen[0]);
    expect(told.map((seen) => seen?.values('x-forwarded-proto'))).toEqual([['https'], ['https']]);
    expect(told.map((seen) => seen?.values('forwarded')[0])).toEqual(
      told.map(() => 'for=127.0.0.1;host=shop.test;proto=https'),
    );
    expect(told.map((seen) => seen?.values('via')[0]?.split(' ')[0])).toEqual(['2', '1.1']);
  });

  it('keeps what is asked for by https apart from what is asked for by http', async () => {
    const port = await freePort();
    const stage = await tlsStage(({ values }) => responseWith(String(values('x-forwarded-proto')), storable), {
      listen: ['https://127.0.0.1:0', `http://127.0.0.1:${port}`],
    });
    const byHttp = async (bytes: string): Promise<string> => {
      const client = new RawClient(port);
      client.send(bytes);
      await client.closed;
      return client.received;
    };
    for (const cacheStatus of ['fwd=uri-miss', 'hit']) {
      for (const [exchange, scheme] of [
        [underTls(stage), 'https'],
        [byHttp, 'http'],
      ] as const) {
        const { content, fields: got } = await overHttp1(exchange, { target: '/shared' });
        expect([content, got.join()]).toEqual([scheme, expect.stringContaining(cacheStatus)]);
      }
    }
    expect(stage.origin.seen).toHaveLength(2);
  });
});
