import { describe, expect, it } from 'vitest';
import type { Hit } from '../../../src/engine/exchange.ts';
import { type Fields, fieldsOf } from '../../../src/http/fields.ts';
import { date, stage } from './engine-stage.ts';

type Line = readonly [string, string];

/** An engine with one response on the shelf, and how it answers GET at once. */
function shelved(...lines: Line[]) {
  return shelvedWith('content', ...lines);
}

/** The same with that content. */
function shelvedWith(content: string, ...lines: Line[]) {
  const { engine, ask, origin, clock, records } = stage();
  ask('/a');
  const arrival = origin.arrivals[0];
  arrival?.head({ status: 200, fields: fieldsOf(date, ...lines) });
  arrival?.write(Buffer.from(content));
  arrival?.end();
  const hit = (asked: Line[] = [], method = 'GET', list?: Fields): Hit | undefined => {
    // Who sends the same bytes again is presented with the same list.
    const fields = list ?? fieldsOf(['host', 'example.com'], ...asked);
    const request = {
      method,
      scheme: 'http' as const,
      authority: 'example.com',
      target: '/a',
      version: '1.1' as const,
      fields,
    };
    return engine.hit(request, { address: '127.0.0.1' });
  };
  return { hit, clock, records, ask };
}

const lasting: Line = ['cache-control', 'max-age=60'];

function textOf(hit: Hit | undefined): string {
  return Buffer.concat(hit?.content ?? []).toString();
}

describe('a hit that is answered at once', () => {
  it('is the same for everyone who asks for the same within a second in which it was asked for before', () => {
    const { hit } = shelved(lasting);
    // The response is kept as objects from its second look-up on, the answer from the second one made of them.
    for (const text of [hit(), hit()].map(textOf)) expect(text).toBe('content');
    const first = hit([['user-agent', 'one']]);
    expect(textOf(first)).toBe('content');
    expect(first?.isRepeated).toBe(false);
    expect(
      hit([
        ['user-agent', 'two'],
        ['accept', '*/*'],
      ]),
    ).toBe(first);
    expect(first?.isRepeated).toBe(true);
  });

  it.each<[string, Line, number]>([
    ['a precondition', ['if-none-match', '"v1"'], 304],
    ['a date to compare', ['if-modified-since', date[1]], 304],
    ['a range', ['range', 'bytes=0-1'], 206],
  ])('is another one for a request with %s', (_, line, status) => {
    const { hit } = shelved(lasting, ['etag', '"v1"']);
    hit();
    hit();
    const plain = hit();
    expect(hit([line])?.head.status).toBe(status);
    expect(hit()?.head.status).toBe(200);
    expect(plain?.head.status).toBe(200);
  });

  it('is made anew in another second, and kept when that was asked for twice', async () => {
    const { hit, clock } = shelved(lasting);
    hit();
    const seconds: (Hit | undefined)[][] = [];
    for (let second = 0; second < 2; second++) {
      seconds.push([hit(), hit(), hit()]);
      await clock.advance(1_000, async () => {});
    }
    for (const [once, twice, again] of seconds) {
      expect(twice).not.toBe(once);
      expect(again).toBe(twice);
    }
    expect(seconds[1]?.[1]).not.toBe(seconds[0]?.[1]);
  });

  it('is another one for HEAD', () => {
    const { hit } = shelved(lasting);
    hit();
    hit();
    expect(textOf(hit())).toBe('content');
    expect(textOf(hit([], 'HEAD'))).toBe('');
    expect(textOf(hit())).toBe('content');
  });

  it.each<[string, Line]>([
    ['wants validation', ['cache-control', 'no-cache']],
    ['wants validation as HTTP/1.0 says it', ['pragma', 'no-cache']],
    ['has been here before', ['via', '1.1 etagere-1']],
    ['has a precondition for the origin', ['if-match', '"v1"']],
  ])('is none for a request that %s, whoever was answered before', (_, line) => {
    const { hit } = shelved(lasting);
    hit();
    hit();
    expect(hit()).toBeDefined();
    expect(hit([line])).toBeUndefined();
  });

  it('is none for a request with credentials where the lifetime is a guess', () => {
    const { hit } = shelved(['last-modified', new Date(Date.UTC(2025, 0, 1)).toUTCString()]);
    hit();
    hit();
    expect(hit()).toBeDefined();
    expect(hit([['cookie', 'a=b']])).toBeUndefined();
    expect(hit([['authorization', 'Basic YQ==']])).toBeUndefined();
    expect(hit()).toBeDefined();
  });

  it('tells its age in each second, and is none when it is stale', async () => {
    const { hit, clock } = shelved(lasting);
    hit();
    hit();
    const ages: (string | undefined)[] = [];
    for (const ms of [0, 999, 1, 58_999, 1]) {
      await clock.advance(ms, async () => {});
      const fields = hit()?.head.fields;
      ages.push(fields?.[fields.indexOf('age') + 1]);
    }
    expect(ages).toEqual(['0', '0', '1', '59', undefined]);
  });

  it.each([
    ['complete', 0, { end: 'complete', contentBytes: 100_000 }],
    ['client-left', 40_000, { end: 'client-left', contentBytes: 60_000 }],
    ['stalled', 200_000, { end: 'broken', contentBytes: 0, error: 'READER_TOO_SLOW' }],
  ] as const)('that is long is told to the log when its sending has ended: %s', (end, untakenBytes, record) => {
    const { hit, records } = shelvedWith('x'.repeat(100_000), lasting, ['content-length', '100000']);
    hit();
    hit();
    records.length = 0;
    const held = hit()?.hold?.();
    expect(records).toEqual([]);
    held?.(end, untakenBytes);
    expect(records).toMatchObject([record]);
  });

  it.each([
    [
      'a part of long content',
      'x'.repeat(100_000),
      [['content-length', '100000'] as const],
      [['range', 'bytes=0-9999'] as const],
    ],
    ['a head that is long', 'x', [['x-long', 'y'.repeat(4_000)] as const], []],
    ['a request that is long', 'x', [['etag', '"v"'] as const], [['if-none-match', `"${'y'.repeat(4_000)}"`] as const]],
  ])('is not kept where more would be kept than is counted: %s', (_, content, lines, asked) => {
    const { hit } = shelvedWith(content, lasting, ...lines);
    const fields = fieldsOf(['host', 'example.com'], ...asked);
    const hits = Array.from({ length: 5 }, () => hit([], 'GET', fields));
    expect(hits.map((each) => each?.isRepeated)).toEqual([false, false, false, false, false]);
  });

  it('is told to the log like any other', () => {
    const { hit, records } = shelved(lasting);
    records.length = 0;
    hit();
    expect(records).toMatchObject([
      { status: 200, contentBytes: 7, end: 'complete', cacheStatus: { hit: true, ttl: 60 } },
    ]);
  });
});
