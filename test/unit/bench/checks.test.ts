import { describe, expect, it } from 'vitest';
import { checkAnswer, checkBytes, checkOrigin, checkReport, checkSource } from '../../bench/checks.ts';
import type { Load } from '../../bench/load.ts';
import type { Answer } from '../../bench/probe.ts';

const fromShelf: Load = {
  path: '/a',
  fields: [],
  connections: 10,
  status: 200,
  bodyBytes: 1_000,
  from: 'shelf',
  generator: 'wrk',
};
const fromOrigin: Load = { ...fromShelf, from: 'origin' };
const report = { requests: 5_000, durationUs: 1e6, bytes: 6_000_000, badStatus: 0, broken: 0, p50Us: 1, p99Us: 2 };
const one: Answer = { status: 200, fields: new Map(), bodyBytes: 1_000, totalBytes: 1_200 };

function saying(name: string, value: string): Answer {
  return { ...one, fields: new Map([[name, value]]) };
}

describe('a run counts', () => {
  it('only when every answer was one, and none was an error', () => {
    expect(() => checkReport(fromShelf, report)).not.toThrow();
    expect(() => checkReport(fromShelf, { ...report, requests: 0 })).toThrow('/a: no answer');
    expect(() => checkReport(fromShelf, { ...report, badStatus: 1 })).toThrow('/a: 1 answers were errors');
    expect(() => checkReport(fromShelf, { ...report, broken: 2 })).toThrow('2 connections failed');
  });

  it('as hits only when the origin was asked for hardly any of them', () => {
    expect(() => checkOrigin(fromShelf, report, 0)).not.toThrow();
    expect(() => checkOrigin(fromShelf, report, 5)).not.toThrow();
    const complaint = '5000 answers from the shelf, but the origin had 6 requests';
    expect(() => checkOrigin(fromShelf, report, 6)).toThrow(complaint);
    expect(() => checkOrigin(fromShelf, { ...report, requests: 900 }, 1)).toThrow('the origin had 1 requests');
  });

  it('as misses only when the origin was asked as often, but for what was under way', () => {
    expect(() => checkOrigin(fromOrigin, report, 5_040)).not.toThrow();
    expect(() => checkOrigin(fromOrigin, report, 5_041)).toThrow('5000 answers from the origin');
    expect(() => checkOrigin(fromOrigin, report, 100)).toThrow('the origin had 100 requests');
  });

  it('only when status and length are as expected', () => {
    expect(() => checkAnswer(fromShelf, one)).not.toThrow();
    expect(() => checkAnswer(fromShelf, { ...one, status: 500 })).toThrow('/a: status 500, not 200');
    expect(() => checkAnswer(fromShelf, { ...one, bodyBytes: 1 })).toThrow('/a: 1 bytes of content, not 1000');
  });

  it('only when the server does not say that the answer is from elsewhere', () => {
    expect(() => checkSource(fromShelf, one)).not.toThrow();
    expect(() => checkSource(fromShelf, saying('cache-status', 'etagere; hit; ttl=9'))).not.toThrow();
    expect(() => checkSource(fromShelf, saying('x-cache', 'HIT from squid'))).not.toThrow();
    expect(() => checkSource(fromShelf, saying('cache-status', 'etagere; fwd=uri-miss; stored'))).toThrow(
      'says etagere; fwd',
    );
    expect(() => checkSource(fromShelf, saying('x-cache', 'MISS from squid'))).toThrow('says MISS');
    expect(() => checkSource(fromOrigin, saying('x-cache', 'MISS from squid'))).not.toThrow();
    expect(() => checkSource(fromOrigin, saying('cache-status', 'etagere; hit'))).toThrow(
      'from the origin says etagere; hit',
    );
  });

  it('only when all answers together are as long as one of them lets expect', () => {
    expect(() => checkBytes(fromShelf, report, one)).not.toThrow();
    expect(() => checkBytes(fromShelf, { ...report, bytes: 6_170_000 }, one)).not.toThrow();
    expect(() => checkBytes(fromShelf, { ...report, bytes: 1_000_000 }, one)).toThrow('though one is 1200');
    expect(() => checkBytes(fromShelf, { ...report, bytes: 7_000_000 }, one)).toThrow('though one is 1200');
  });
});
