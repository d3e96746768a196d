import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import type { Limits } from '../../../src/engine/limits.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';

type Line = readonly [name: string, value: string];

const fresh: Line = ['cache-control', 'max-age=60'];
const tag: Line = ['etag', '"1"'];
const canary = 'canary-7f.evil.test';

const sending =
  (...lines: readonly Line[]) =>
  (exchange: Exchange): Exchange => ({
    ...exchange,
    request: { ...exchange.request, fields: fieldsOf(['host', 'example.com'], ...lines) },
  });

/** One client with a canary, and others without, while the head of its response is here. */
function crowded(limits: Partial<Limits> = {}, ...lines: readonly Line[]) {
  const play = stage(limits);
  const leader = play.ask('/', sending(['x-host', canary]));
  const early = play.ask('/');
  const arrival = (index: number) => {
    const found = play.origin.arrivals[index];
    if (found === undefined) throw new Error(`no request ${index} at the origin`);
    return found;
  };
  arrival(0).head({ status: 200, fields: fieldsOf(play.date, fresh, ...lines) });
  const late = play.ask('/');
  const outcomes = (): unknown[] =>
    play.records.map(({ cacheStatus: { hit, stored, collapsed, detail } }) =>
      hit ? 'hit' : (detail ?? (collapsed ? 'collapsed' : stored)),
    );
  return { ...play, leader, early, late, arrival, outcomes };
}

describe('while what is arriving may repeat what its own client has sent', () => {
  it('that client gets it as it comes, and the others all of it once it was looked through', () => {
    const { leader, early, late, arrival, origin, outcomes } = crowded();
    arrival(0).write(Buffer.from('a page '));
    expect([leader, early, late].map(({ text }) => text)).toEqual(['a page ', '', '']);
    arrival(0).write(Buffer.from('for all'));
    arrival(0).end();
    expect([leader, early, late].map(({ text }) => text)).toEqual(Array(3).fill('a page for all'));
    expect(origin.arrivals).toHaveLength(1);
    expect(outcomes()).toEqual([true, 'collapsed', 'collapsed']);
  });

  it('the others get it as it comes, from when as much was looked through as ever is', () => {
    const { early, late, arrival, ask } = crowded({ echoSearchBytes: 10 });
    arrival(0).write(Buffer.from('123456789'));
    expect(early.heads).toEqual([]);
    arrival(0).write(Buffer.from(`0${canary}`));
    expect([early.text, late.text]).toEqual(Array(2).fill(`1234567890${canary}`));
    expect(ask('/').text).toBe(`1234567890${canary}`);
  });

  it.each([
    ['in one piece', [`<a href="//${canary}/">`]],
    ['in its last bytes', ['<a href="//', canary]],
    ['across pieces', ['<a href="//canary', '-', '7f.evil.te', 'st/">']],
    ['in the form of a URL', [`<a href="/?next=${encodeURIComponent(`//${canary}:1`)}">`]],
  ])('they get nothing of what repeats it %s, and share what they ask for then', (_, pieces) => {
    const { leader, early, late, arrival, origin, outcomes, ask, date } = crowded();
    for (const piece of pieces) arrival(0).write(Buffer.from(piece));
    arrival(0).end();
    expect(leader.text).toBe(pieces.join(''));
    expect(origin.arrivals).toHaveLength(2);
    arrival(1).head({ status: 200, fields: fieldsOf(date, fresh) });
    arrival(1).write(Buffer.from('clean'));
    arrival(1).end();
    expect([early.text, late.text]).toEqual(['clean', 'clean']);
    expect(ask('/').text).toBe('clean');
    expect(outcomes()[0]).toBe('unkeyed-echo');
    expect(outcomes().slice(1)).toEqual([true, 'collapsed', 'hit']);
  });

  it('they ask again where the origin breaks off', () => {
    const { early, late, arrival, origin } = crowded();
    arrival(0).write(Buffer.from('half'));
    arrival(0).fail('ORIGIN_RESPONSE_INCOMPLETE');
    expect(origin.arrivals).toHaveLength(2);
    arrival(1).head({ status: 200, fields: fieldsOf(fresh) });
    arrival(1).write(Buffer.from('whole'));
    arrival(1).end();
    expect([early, late].map(({ text }) => text)).toEqual(['whole', 'whole']);
    expect(early.aborted || late.aborted).toBe(false);
  });

  it('they wait for it no longer than for a head, and then for one that any of them may have, which is stored', async () => {
    const { early, late, arrival, origin, clock, ask, date } = crowded({ followerTimeoutMs: 1_000 }, tag);
    arrival(0).write(Buffer.from('slow'));
    await clock.advance(1_000, () => Promise.resolve());
    expect(origin.arrivals).toHaveLength(2);
    const third = ask('/');
    expect(origin.arrivals).toHaveLength(2);
    arrival(1).head({ status: 200, fields: fieldsOf(date, fresh, tag) });
    arrival(1).write(Buffer.from('quick'));
    expect([early, late, third].map(({ text }) => text)).toEqual(Array(3).fill('quick'));
    arrival(1).end();
    expect(ask('/').text).toBe('quick');
  });

  it('is not broken off while somebody waits to hear whether it is for all', async () => {
    const { leader, early, arrival, clock } = crowded({ unattendedFillMs: 100, followerTimeoutMs: 10_000 });
    leader.leave();
    arrival(0).write(Buffer.from('one '));
    await clock.advance(200, () => Promise.resolve());
    arrival(0).write(Buffer.from('page'));
    arrival(0).end();
    expect(early.text).toBe('one page');
  });
});

/** What becomes of an answer in that coding, which comes in small pieces. */
function answered(coding: string, content: Buffer, limits: Partial<Limits> = {}): unknown {
  const play = crowded(limits, ['content-encoding', coding]);
  for (let at = 0; at < content.length; at += 10) play.arrival(0).write(content.subarray(at, at + 10));
  play.arrival(0).end();
  return play.outcomes()[0];
}

describe('coded content', () => {
  const codings: readonly (readonly [string, (text: string) => Buffer])[] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ];

  it.each(codings)('of %s is looked into', (coding, encode) => {
    expect(answered(coding, encode(`a page of ${canary}`))).toBe('unkeyed-echo');
    expect(answered(coding, encode('a page for all'))).toBe(true);
  });

  it('is looked into as far as it is there, where it is longer than that', () => {
    const noise = Array.from({ length: 5_000 }, (_, i) => `${(i * 7_919) % 104_729}`).join();
    const limits = { echoSearchBytes: 4_000 };
    expect(answered('gzip', gzipSync(canary + noise), limits)).toBe('unkeyed-echo');
    expect(answered('br', brotliCompressSync(canary + noise), limits)).toBe('unkeyed-echo');
    expect(answered('gzip', gzipSync(noise), limits)).toBe(true);
    expect(answered('br', brotliCompressSync(noise), limits)).toBe(true);
  });

  it.each<[why: string, coding: string, content: Buffer]>([
    ['is one that nobody here can decode', 'compress', Buffer.from('x')],
    ['is several', 'gzip, gzip', gzipSync(gzipSync('x'))],
    ['is not what it says', 'gzip', Buffer.from('not at all')],
    ['becomes too large', 'gzip', gzipSync(Buffer.alloc(100_000))],
  ])('that %s is not stored', (_, coding, content) => {
    expect(answered(coding, content, { echoSearchBytes: 4_096 })).toBe('unkeyed-echo');
  });
});

/** Whether a small answer that becomes four times as long as is looked through is stored, where so many hosts are looked for. */
function storedFor(hosts: number): boolean {
  const play = stage({ echoSearchBytes: 4_096 });
  const names = Array.from({ length: hosts }, (_, i) => `host${i}.test`).join(' ');
  play.ask('/', sending(['x-hosts', names]));
  const [arrival] = play.origin.arrivals;
  arrival?.head({ status: 200, fields: fieldsOf(play.date, fresh, ['content-encoding', 'gzip']) });
  arrival?.write(gzipSync(Buffer.alloc(4_096 * 4)));
  arrival?.end();
  return play.records[0]?.cacheStatus.stored === true;
}

test('the more there is to look for, the less may content become when it is decoded', () => {
  expect([10, 30].map(storedFor)).toEqual([true, false]);
});

test('nothing of content is looked through where the limit is 0', () => {
  const { early, arrival } = crowded({ echoSearchBytes: 0 });
  arrival(0).write(Buffer.from(canary));
  expect(early.text).toBe(canary);
});

test('an answer that repeats it in a field is its own, and the others share the next', () => {
  const { leader, early, late, origin } = crowded({}, ['location', `https://${canary}/`]);
  expect(leader.heads).toHaveLength(1);
  expect(origin.arrivals).toHaveLength(2);
  expect([early, late].map(({ heads }) => heads)).toEqual([[], []]);
});
