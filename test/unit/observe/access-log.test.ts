import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ExchangeRecord, RefusalRecord } from '../../../src/engine/events.ts';
import { noFields } from '../../../src/http/fields.ts';
import { type AccessLogOptions, createAccessLog } from '../../../src/observe/access-log.ts';

const record: ExchangeRecord = {
  request: {
    method: 'GET',
    scheme: 'http',
    authority: 'shop.example',
    target: '/a?token=1',
    version: '1.1',
    fields: noFields,
  },
  client: { address: '192.0.2.7' },
  status: 200,
  cacheStatus: { hit: true, ttl: 9 },
  route: 'default',
  contentBytes: 27,
  durationMs: 0.4321,
  end: 'complete',
};

const aMoment = (): number => Date.UTC(2026, 0, 2, 3, 4, 5);

/** What the log wrote for these records. */
function written(style: AccessLogOptions['style'], ...records: readonly ExchangeRecord[]): string {
  const lines: string[] = [];
  const destination = {
    write: (line: string) => lines.push(line),
    close: async () => void lines.push('closed'),
    reopen() {},
  };
  const log = createAccessLog({ style, cacheName: 'etagere', destination, wall: aMoment });
  for (const each of records) log.exchangeEnded(each);
  void log.close();
  expect(lines.pop()).toBe('closed');
  return lines.join('');
}

describe('the access log', () => {
  it('says how long a request has waited for another instance, where it has', () => {
    const waited = { ...record, durationMs: 251.04, elsewhereMs: 250.04 };
    expect(JSON.parse(written('json', waited))).toMatchObject({ ms: 251, elsewhereMs: 250 });
  });

  it('says what became of content that a shelf could not give to its end', () => {
    const interrupted = { ...record, error: 'STORE_UNREADABLE', rest: 'from-origin' } as const;
    expect(JSON.parse(written('json', interrupted))).toMatchObject({ level: 'warn', rest: 'from-origin' });
    expect(written('pretty', interrupted)).toContain('from-origin');
  });

  it('writes one JSON object a line', () => {
    const lines = written('json', record, record).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-01-02T03:04:05.000Z',
      method: 'GET',
      url: '/a?token=[redacted]',
      host: 'shop.example',
      status: 200,
      route: 'default',
      cache: 'etagere; hit; ttl=9',
      hit: true,
      bytes: 27,
      ms: 0.4,
      client: '192.0.2.7',
      end: 'complete',
    });
  });

  it.each(['json', 'combined', 'pretty'] as const)(
    'has the target that the client wrote, without its secrets, where a rule has changed it: %s',
    (style) => {
      const request = { ...record.request, target: '/a', presentedTarget: '/a?utm_source=mail&token=1' };
      expect(written(style, { ...record, request })).toContain('/a?utm_source=mail&token=[redacted]');
    },
  );

  it('has a line for a request that was refused, without anything that the client sent', () => {
    const refusal: RefusalRecord = {
      client: { address: '192.0.2.7' },
      error: 'REQUEST_HOST_INVALID',
      reason: 'no Host',
      status: 400,
    };
    const line = (style: AccessLogOptions['style']): string => {
      const lines: string[] = [];
      const destination = { write: (text: string) => lines.push(text), close: async () => undefined, reopen() {} };
      createAccessLog({ style, cacheName: 'etagere', destination, wall: aMoment }).requestRefused(refusal);
      return stripVTControlCharacters(lines.join(''));
    };
    expect(line('pretty')).toBe('03:04:05 400 refused  REQUEST_HOST_INVALID: no Host\n');
    expect(JSON.parse(line('json'))).toEqual({
      level: 'info',
      time: '2026-01-02T03:04:05.000Z',
      status: 400,
      client: '192.0.2.7',
      error: 'REQUEST_HOST_INVALID',
      reason: 'no Host',
    });
  });

  it('says why a request was forwarded, and what failed', () => {
    const failed: ExchangeRecord = {
      ...record,
      status: 502,
      cacheStatus: { hit: false, fwd: 'uri-miss', detail: 'origin-refused' },
      error: 'ORIGIN_REFUSED',
      end: 'broken',
    };
    expect(JSON.parse(written('json', failed))).toMatchObject({
      status: 502,
      cache: 'etagere; fwd=uri-miss; detail=origin-refused',
      hit: false,
      fwd: 'uri-miss',
      detail: 'origin-refused',
      error: 'ORIGIN_REFUSED',
      end: 'broken',
    });
  });

  it.each<[string, string, Partial<ExchangeRecord>]>([
    ['info', 'a good answer', {}],
    ['info', 'a 404', { status: 404 }],
    ['info', 'a client that left', { status: 0, end: 'client-left' }],
    ['info', 'what the client asked for', { status: 504, error: 'ONLY_IF_CACHED' }],
    ['info', 'a client that does not read', { error: 'READER_TOO_SLOW', end: 'broken' }],
    ['info', 'a request that broke off', { status: 400, error: 'REQUEST_MALFORMED' }],
    ['warn', 'a 503 of the origin', { status: 503 }],
    ['warn', 'an origin without an answer', { status: 502, error: 'ORIGIN_REFUSED' }],
    ['warn', 'a stale answer in its place', { status: 200, error: 'ORIGIN_REFUSED' }],
    ['warn', 'an origin that broke off', { error: 'ORIGIN_RESPONSE_INCOMPLETE', end: 'broken' }],
    ['warn', 'a loop, which is a mistake of the configuration', { status: 508, error: 'REQUEST_LOOP' }],
    ['error', 'a fault of ours', { status: 500, error: 'INTERNAL' }],
  ])('has level %s for %s', (level, _, change) => {
    expect(JSON.parse(written('json', { ...record, ...change }))).toMatchObject({ level });
  });

  it('writes a line that a person can read', () => {
    expect(stripVTControlCharacters(written('pretty', record))).toBe(
      '03:04:05 200 GET /a?token=[redacted]  hit; ttl=9  27 B  0.4 ms\n',
    );
  });

  it('shows a client that left before there was a status', () => {
    const left: ExchangeRecord = {
      ...record,
      status: 0,
      cacheStatus: { hit: false, fwd: 'uri-miss' },
      end: 'client-left',
    };
    expect(stripVTControlCharacters(written('pretty', left))).toBe(
      '03:04:05 --- GET /a?token=[redacted]  fwd=uri-miss  27 B  0.4 ms client-left\n',
    );
  });
});
