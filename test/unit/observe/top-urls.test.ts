import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopUrls, type UrlExchange } from '../../../src/observe/top-urls.ts';
import { exchange } from './records.ts';

const hit: UrlExchange = { hit: true, miss: false, bytes: 10, detail: undefined };
const miss: UrlExchange = { hit: false, miss: true, bytes: 10, detail: 'set-cookie' };

function count(top: TopUrls, target: string, of: UrlExchange, times = 1): void {
  for (let time = 0; time < times; time++) top.count(exchange({}, target).request, of);
}

describe('the top URLs', () => {
  it('are ordered by requests, bytes or misses', () => {
    const top = new TopUrls();
    count(top, '/often', hit, 5);
    count(top, '/large', { ...hit, bytes: 1_000 }, 2);
    count(top, '/missed', miss, 3);
    const urls = (by: 'requests' | 'bytes' | 'misses'): string[] => top.top(by, 2).map(({ url }) => url);
    expect(urls('requests')).toEqual(['http://shop.example/often', 'http://shop.example/missed']);
    expect(urls('bytes')).toEqual(['http://shop.example/large', 'http://shop.example/often']);
    expect(urls('misses')).toEqual(['http://shop.example/missed']);
  });

  it('show all that was counted, and why it was forwarded last', () => {
    const top = new TopUrls();
    count(top, '/a', miss);
    count(top, '/a', hit, 2);
    expect(top.top('requests', 9)).toEqual([
      { url: 'http://shop.example/a', requests: 3, hits: 2, misses: 1, bytes: 30, lastDetail: 'set-cookie' },
    ]);
  });

  it('hold no secrets, and count URLs that differ in nothing else together', () => {
    const top = new TopUrls();
    count(top, '/a?n=1&token=one', hit);
    count(top, '/a?n=1&token=two', hit);
    expect(top.top('requests', 9)).toMatchObject([{ url: 'http://shop.example/a?n=1&token=[redacted]', requests: 2 }]);
  });

  it('hold no more of a long URL than its beginning', () => {
    const top = new TopUrls();
    count(top, `/${'x'.repeat(8_000)}1`, hit);
    count(top, `/${'x'.repeat(8_000)}2`, hit);
    const [row, ...others] = top.top('requests', 9);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ requests: 2 });
    expect(row?.url).toMatch(/^http:\/\/shop\.example\/x{1004}…$/);
  });

  it('find the same few among any number of others, in bounded memory', () => {
    const top = new TopUrls(100);
    for (let other = 0; other < 50_000; other++) {
      count(top, `/other/${other}`, miss);
      if (other % 10 === 0) count(top, `/popular/${other % 50}`, hit);
    }
    const popular = top.top('requests', 5).map(({ url }) => url);
    expect(popular.sort()).toEqual(['0', '10', '20', '30', '40'].map((n) => `http://shop.example/popular/${n}`));
    expect(top.size).toBeLessThanOrEqual(300);
  });

  it('never say more than there was, nor less than there may have been', () => {
    const requests = fc.array(fc.tuple(fc.nat(30), fc.nat(5)), { maxLength: 400 });
    fc.assert(
      fc.property(requests, (asked) => {
        const top = new TopUrls(4);
        const truth = new Map<string, { requests: number; bytes: number }>();
        for (const [name, bytes] of asked) {
          const url = `http://shop.example/${name}`;
          const before = truth.get(url) ?? { requests: 0, bytes: 0 };
          truth.set(url, { requests: before.requests + 1, bytes: before.bytes + bytes });
          count(top, `/${name}`, { ...hit, bytes });
        }
        for (const by of ['requests', 'bytes'] as const) {
          for (const row of top.top(by, 9)) {
            const real = truth.get(row.url)?.[by] ?? -1;
            expect(row[by]).toBeLessThanOrEqual(real);
            expect(row.atMost ?? row[by]).toBeGreaterThanOrEqual(real);
          }
        }
      }),
    );
  });

  it('have every URL that was asked for more often than any place can be got by accident', () => {
    const requests = fc.array(fc.nat(60), { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(requests, fc.nat(399), (asked, where) => {
        const top = new TopUrls(4);
        const heavy = asked.length / 4 + 1;
        for (const [index, name] of asked.entries()) {
          count(top, `/${name}`, hit);
          if (index === where % asked.length) count(top, '/heavy', hit, heavy + asked.length / 4);
        }
        expect(top.top('requests', 4).map(({ url }) => url)).toContain('http://shop.example/heavy');
      }),
    );
  });
});
