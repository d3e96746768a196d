import { describe, expect, it } from 'vitest';
import { faultText, parseFixture } from '../../../src/play/parse.ts';
import { failureText, playFixture } from '../../../src/play/run.ts';
import { overSockets } from '../../../src/play/sockets.ts';
import { startRelay } from './socket-relay.ts';

async function play(steps: string): Promise<string> {
  const parsed = parseFixture(`title  a\nrule   RFC 9111 §4\nkind   check\nat 0s\n${steps}`, 'a.cache');
  if (!parsed.ok) throw new Error(faultText(parsed.fault));
  const result = await playFixture(parsed.fixture, overSockets(startRelay));
  return result.outcome === 'failed' ? failureText(parsed.fixture, result.failure) : result.outcome;
}

describe('over sockets', () => {
  it.each([
    [
      'every field line and the content of both sides are seen',
      'client sends PUT /a\n  x: 1\n  x: 2\n  body 100000 bytes\norigin receives PUT /a\n  host: shelf.test\n  x: 1\n  x: 2\n  body 100000 bytes\norigin answers 200\n  y: 1\n  y: 2\n  body 100000 bytes\nclient receives 200\n  y: 1\n  y: 2\n  no date\n  body 100000 bytes\n',
    ],
    [
      'interim responses are seen',
      'client sends GET /a\norigin receives GET /a\norigin sends interim 103\n  link: a\nclient receives interim 103\n  link: a\norigin answers 200\nclient receives 200\n  no link\n',
    ],
    [
      'content is seen as it arrives',
      'client sends GET /a\nclient is waiting\norigin receives GET /a\norigin sends head 200\nclient receives 200\norigin sends body a\nclient has body a\norigin sends body b\nclient has body ab\norigin ends\nclient is complete\n',
    ],
    [
      'a connection cut inside chunked content is an abort',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\norigin sends body a\nclient has body a\norigin breaks\nclient is aborted\n',
    ],
    [
      'a connection cut inside announced content is an abort',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\n  content-length: 5\norigin sends body a\nclient has body a\norigin breaks\nclient is aborted\n',
    ],
    [
      'a connection cut before the response is seen',
      'client sends GET /a\norigin receives GET /a\norigin breaks\nclient receives 502\n',
    ],
    [
      'an origin refuses and listens again',
      'origin refuses\nclient sends GET /a\nclient receives 502\norigin listens\nclient sends GET /a\norigin receives GET /a\norigin answers 204\nclient receives 204\n',
    ],
    ['a client that leaves is gone', 'client sends GET /a\norigin receives GET /a\nclient leaves\norigin is aborted\n'],
    [
      'HEAD and 304 have a Content-Length and no content',
      'client sends HEAD /a\norigin receives HEAD /a\norigin answers 200\n  content-length: 5\nclient receives 200\n  content-length: 5\n  no body\nclient sends GET /a\norigin receives GET /a\norigin answers 304\n  content-length: 5\nclient receives 304\n  no body\n',
    ],
    [
      'a cache that closes after the last byte announced has not given the request up',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\n  content-length: 3\norigin sends body one\nclient receives 200\n  body one\norigin ends\n',
    ],
    [
      'time is the time of the fixture',
      'at 10d\nclient sends GET /a\norigin receives GET /a\norigin answers 200\n  date: now\nclient receives 200\n  date: start+10d\n',
    ],
  ])('%s', async (_what, steps) => {
    expect(await play(steps)).toBe('passed');
  });

  it('a request that no step took is a failure', async () => {
    expect(await play('client sends GET /a\norigin silent\nclient leaves\n')).toContain(
      'a.cache:6: origin silent: expected no request',
    );
  });

  it('a response that an earlier step did not expect is a failure', async () => {
    const steps = 'client sends GET /a\norigin receives GET /a\norigin answers 200\nclient receives 404\n';
    expect(await play(steps)).toContain('expected status 404, got status 200');
  });
});
