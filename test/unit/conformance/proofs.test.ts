import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../../src/http/date.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { cacheGroups, invalidatedGroups } from '../../../src/policy/groups.ts';
import { fieldsOfParts, headOfPart } from '../../../src/policy/partial.ts';
import { hellos, stage, statusOf } from '../listener/stage.ts';
import { originRequest } from '../origin/recorder.ts';
import { afterwards, fetched, listening, ok, originAt } from '../origin/stage.ts';
import { get, stored200 } from '../policy/messages.ts';

/** Requirements of docs/conformance.md that no other test has for its subject. */

const request = (lines = ''): string => `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

describe('a request (RFC 9112)', () => {
  it('may have an empty line before it (§2.2)', async () => {
    const { client, exchanges } = await stage();
    const asking = client();
    asking.send(`\r\n${request()}`);
    await asking.until(hellos(1));
    expect(exchanges).toHaveLength(1);
  });

  it('may have a request line of 8000 octets (§3)', async () => {
    const line = `GET /${'a'.repeat(8_000 - 'GET / HTTP/1.1'.length)} HTTP/1.1`;
    expect(line).toHaveLength(8_000);
    const { client } = await stage();
    const asking = client();
    asking.send(`${line}\r\nHost: a\r\n\r\n`);
    await asking.until(hellos(1));
    expect(statusOf(asking.received)).toBe(200);
  });

  it('is refused with a chunk size beyond any number (§7.1)', async () => {
    const { answer } = await stage(({ content }) => content?.resume());
    const chunk = `${'f'.repeat(40)}\r\nabc\r\n0\r\n\r\n`;
    expect(statusOf(await answer(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`))).toBe(
      400,
    );
  });

  it('is refused with parameters of chunked (§7.1)', async () => {
    const { answer } = await stage();
    expect(statusOf(await answer(request('Transfer-Encoding: chunked;q=1\r\n')))).toBe(400);
  });

  it('that says close is the last, and its answer says so (§9.6)', async () => {
    const { answer, exchanges } = await stage();
    const received = await answer(request('Connection: close\r\n') + request());
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nconnection: close\r\n/i);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(exchanges).toHaveLength(1);
  });
});

describe('a response (RFC 9112)', () => {
  it('has our own version, whatever that of the request (§2.3)', async () => {
    const { answer } = await stage();
    expect(await answer('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('with 204 has no Transfer-Encoding (§6.1)', async () => {
    const { answer } = await stage(({ sink }) => {
      sink.head({ status: 204, fields: fieldsOf() });
      sink.end();
    });
    expect(await answer(request('Connection: close\r\n'))).not.toMatch(/transfer-encoding/i);
  });
});

describe('an origin (RFC 9112)', () => {
  it('that says close gets no further request on that connection (§9.6)', async () => {
    const raw = await listening((connection) => {
      connection.send('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx');
    });
    const origin = originAt(raw.url, { connections: 1 });
    afterwards(() => origin.close());
    await fetched(origin);
    await fetched(origin);
    expect(raw.connections.map(({ received }) => received.split('GET ').length - 1)).toEqual([1, 1]);
  });

  it('that answers before it has all of the content is heard, and gets no more of it (§9.5)', async () => {
    const raw = await listening((connection) => connection.send(ok('enough')));
    const origin = originAt(raw.url, { connections: 1 });
    afterwards(() => origin.close());
    const content = new PassThrough();
    content.write('a beginning');
    const recorder = await fetched(origin, originRequest({ method: 'POST', content }));
    expect(recorder.content).toBe('enough');
    await raw.connections[0]?.closed;
  });
});

describe('several ranges (RFC 9110 §15.3.7.2)', () => {
  const stored = stored200(['cache-control', 'max-age=60'], ['content-type', 'text/x-letters']);

  it('have the range and the type in the head of each part', () => {
    expect(headOfPart(stored, 'b', { first: 2, last: 3 }, 10)).toBe(
      '\r\n--b\r\ncontent-type: text/x-letters\r\ncontent-range: bytes 2-3/10\r\n\r\n',
    );
  });

  it('have another type and no range in the head of the whole', () => {
    const fields = fieldsOfParts(stored, 'b', 7);
    expect(fields).toContain('multipart/byteranges; boundary=b');
    expect(fields).not.toContain('content-range');
    expect(fields).not.toContain('text/x-letters');
  });
});

describe('groups (RFC 9875)', () => {
  const names = Array.from({ length: 32 }, (_, i) => `group-${String(i).padStart(26, '0')}`);
  const value = names.map((name) => `"${name}"`).join(', ');

  it('of a response may be 32 with 32 characters each (§2)', () => {
    expect(names[0]).toHaveLength(32);
    expect(new Set(cacheGroups(fieldsOf(['cache-groups', value])))).toHaveProperty('size', 32);
    expect(stored200(['cache-control', 'max-age=60'], ['cache-groups', value]).groups).toEqual(names);
  });

  it('that a response invalidates may be as many (§3)', () => {
    const response = { status: 200, fields: fieldsOf(['cache-group-invalidation', value]) };
    expect(invalidatedGroups({ ...get(), method: 'POST' }, response)).toHaveLength(32);
  });
});

describe('immutable (RFC 8246 §2)', () => {
  it.each(['immutable', 'immutable=0', 'immutable="x"', 'immutable, immutable'])('is the same as %s', (directive) => {
    expect(stored200(['cache-control', `max-age=60, ${directive}`]).immutable).toBe(true);
  });
});

describe('a date (RFC 9111 §4.2)', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is the same in every local time zone', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    expect(new Date(0).getHours()).toBe(9);
    const text = 'Sun, 22 Nov 2026 12:00:00 GMT';
    expect(parseHttpDate(text, 0)).toBe(Date.UTC(2026, 10, 22, 12));
    expect(formatHttpDate(Date.UTC(2026, 10, 22, 12))).toBe(text);
  });
});
