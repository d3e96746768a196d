import { describe, expect, it } from 'vitest';
import { type Assemble, inProcess } from '../../../src/play/in-process.ts';
import { faultText, parseFixture } from '../../../src/play/parse.ts';
import { failureText, playFixture } from '../../../src/play/run.ts';
import type { ClientExchange, TransportSource } from '../../../src/play/transport.ts';
import { mute, parrot, relay } from './relay.ts';

function fixtureOf(steps: string, kind = 'check'): Parameters<typeof playFixture>[0] {
  const parsed = parseFixture(`title  a\nrule   RFC 9111 §4\nkind   ${kind}\nat 0s\n${steps}`, 'a.cache');
  if (!parsed.ok) throw new Error(faultText(parsed.fault));
  return parsed.fixture;
}

async function play(cache: Assemble, steps: string): Promise<string> {
  const fixture = fixtureOf(steps);
  const result = await playFixture(fixture, inProcess(cache));
  return result.outcome === 'failed' ? failureText(fixture, result.failure) : result.outcome;
}

const exchange = 'client sends GET /a\norigin receives GET /a\norigin answers 200\n  x: 1\n  body one\n';

describe('passes what is as the fixture says', () => {
  it.each([
    ['an exchange', `${exchange}client receives 200\n  x: 1\n  content-length: 3\n  body one\n`],
    [
      'content of a request',
      'client sends PUT /a\n  body 100000 bytes\norigin receives PUT /a\n  content-length: 100000\n  body 100000 bytes\norigin answers 204\nclient receives 204\n',
    ],
    [
      'a default Host',
      'client sends GET /a\norigin receives GET /a\n  host: shelf.test\norigin answers 204\nclient receives 204\n',
    ],
    [
      'interim responses',
      'client sends GET /a\norigin receives GET /a\norigin sends interim 103\n  link: a\nclient receives interim 103\n  link: a\norigin answers 204\nclient receives 204\n',
    ],
    [
      'content in pieces',
      'client sends GET /a\nclient is waiting\norigin receives GET /a\norigin sends head 200\nclient receives 200\norigin sends body a\nclient has body a\norigin sends body b\nclient has body ab\norigin ends\nclient is complete\n',
    ],
    [
      'a response cut short',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\norigin sends body a\norigin breaks\nclient is aborted\n',
    ],
    [
      'content shorter than announced',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\n  content-length: 9\norigin sends body a\norigin ends\nclient is aborted\n',
    ],
    [
      'an origin that refuses and comes back',
      `origin refuses\nclient sends GET /a\nclient receives 502\norigin listens\n${exchange}client receives 200\n`,
    ],
    [
      'an origin that breaks off or times out',
      'client A sends GET /a\norigin A receives GET /a\nclient B sends GET /b\norigin B receives GET /b\norigin A breaks\norigin B times out\nclient A receives 502\nclient B receives 504\n',
    ],
    ['a client that leaves', 'client sends GET /a\norigin receives GET /a\nclient leaves\norigin is aborted\n'],
    [
      'requests taken out of order',
      'client A sends GET /a\nclient B sends GET /b\norigin B receives GET /b\norigin A receives GET /a\norigin A answers 200\n  body a\norigin B answers 200\n  body b\nclient B receives 200\n  body b\nclient A receives 200\n  body a\n',
    ],
    ['the passing of time', `at 10s\n${exchange.replace('x: 1', 'date: now')}client receives 200\n  date: start+10s\n`],
    [
      'a clock that jumps',
      `clock jumps 1h\n${exchange.replace('x: 1', 'date: now')}client receives 200\n  date: start+1h\n`,
    ],
  ])('%s', async (_what, steps) => {
    expect(await play(relay, steps)).toBe('passed');
  });
});

describe('fails at the first thing that is otherwise', () => {
  it.each([
    [
      'a status',
      `${exchange}client receives 404\n`,
      'a.cache:10: client receives 404: expected status 404, got status 200 with body one',
    ],
    ['a field', `${exchange}client receives 200\n  x: 2\n`, 'a.cache:10: client receives 200: expected x: 2, got x: 1'],
    ['content', `${exchange}client receives 200\n  body two\n`, 'expected body two, got body one'],
    [
      'a field at the origin',
      'client sends GET /a\norigin receives GET /a\n  has if-none-match\n',
      'a.cache:6: origin receives GET /a: expected a field if-none-match, got no if-none-match',
    ],
    ['another request', 'client sends GET /a\norigin receives GET /b\n', 'expected GET /b at the origin, got GET /a'],
    [
      'a request where silence was due',
      'client sends GET /a\norigin silent\n',
      'a.cache:6: origin silent: expected no request at the origin, got GET /a',
    ],
    [
      'a request that no step took',
      'client sends GET /a\nclient leaves\n',
      'the end of the fixture: expected no request at the origin, got GET /a',
    ],
    [
      'an answer that no step looked at',
      exchange,
      'the end of the fixture: expected a step "client receives …" or "… leaves", got none',
    ],
    [
      'an answer that does not end',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\nclient receives 200\n',
      'expected an answer to client that ends, got status 200 with body (empty), not ended',
    ],
    [
      'an answer that was cut',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\nclient receives 200\norigin breaks\n',
      'expected an answer to client that ends, got status 200 with body (empty), aborted',
    ],
    [
      'content that does not end',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\nclient receives 200\n  body a\n',
      'expected complete content, got status 200 with body (empty), not ended',
    ],
    [
      'a complete answer where a cut one was due',
      `${exchange}client is aborted\n`,
      'expected a response that is aborted, got status 200 with body one',
    ],
    [
      'an answer where none was due',
      `${exchange}client is waiting\n`,
      'expected no response yet, got status 200 with body one',
    ],
    [
      'a cache that holds content back',
      'client sends GET /a\norigin receives GET /a\norigin sends head 200\norigin sends body a\nclient has body ab\n',
      'expected body ab, got body a',
    ],
    [
      'an interim response that did not come',
      `${exchange}client receives interim 103\n`,
      'expected interim status 103, got status 200 with body one',
    ],
    [
      'a request that was given up',
      'client sends GET /a\norigin receives GET /a\nclient leaves\norigin answers 200\n',
      'expected a cache that waits for the answer, got a request that it gave up',
    ],
    [
      'a request that goes on',
      'client sends GET /a\norigin receives GET /a\norigin is aborted\n',
      'expected a request that the cache gave up, got one that it still waits for',
    ],
  ])('%s', async (_what, steps, message) => {
    expect(await play(relay, steps)).toContain(message);
  });

  it('says each thing once', async () => {
    const steps = 'client A sends GET /a\norigin receives GET /a\nclient A receives 404\n';
    expect(await play(relay, steps)).toBe('a.cache:7: client A receives 404: expected status 404, got no response');
  });

  it('an answer without the origin', async () => {
    const message =
      'a.cache:6: origin receives GET /a: expected GET /a at the origin, got nothing (client has status 200 (cache-status: etagere; hit; ttl=5)';
    expect(await play(parrot, exchange)).toContain(message);
  });

  it('no answer', async () => {
    expect(await play(mute, 'client sends GET /a\nclient receives 200\n')).toContain(
      'expected status 200, got no response',
    );
  });

  it.each([
    ['client receives 200\n', 'expected an earlier step "client sends …", got none'],
    ['origin A answers 200\n', 'expected an earlier step "origin A receives …", got none'],
    [`${exchange}origin answers 200\n`, 'expected an answer that may go on like this, got one of which end was sent'],
    [
      'client sends GET /a\norigin receives GET /a\norigin ends\n',
      'expected an answer that may go on like this, got one of which nothing was sent',
    ],
    ['client sends GET /a\nclient sends GET /b\n', 'expected a step "client receives …" or "… leaves", got none'],
  ])('a step out of order: %j', async (steps, message) => {
    expect(await play(relay, steps)).toContain(message);
  });
});

function hide(target: object, name: string): void {
  Object.defineProperty(target, name, { value: undefined });
}

/** The relay in process, as if it were a cache elsewhere, and what its clients got. */
function elsewhere(): { source: TransportSource; clients: ClientExchange[] } {
  const source = inProcess(relay);
  const clients: ClientExchange[] = [];
  const open: TransportSource['open'] = async (options) => {
    const transport = await source.open(options);
    const send = transport.send.bind(transport);
    hide(transport, 'jump');
    transport.send = (request) => {
      const client = send(request);
      for (const arrival of transport.arrivals) hide(arrival, 'timeOut');
      clients.push(client);
      return client;
    };
    return transport;
  };
  return { source: { ...source, open }, clients };
}

/** How a fixture ends against a cache that forwards everything. */
async function outcome(steps: string, kind: string): Promise<string> {
  return (await playFixture(fixtureOf(steps, kind), inProcess(relay))).outcome;
}

describe('a claim is not reached', () => {
  const wrong = 'client receives 404\n';

  it.each(['required', 'optimal'])('where a %s fixture fails before it', async (kind) => {
    expect(await outcome(`${exchange}${wrong}claim\n`, kind)).toBe('not reached');
  });

  it('where a cache asks the origin of a required fixture though it need not', async () => {
    const asking = 'client sends GET /a\n';
    const steps = ['origin silent\n', 'client receives 200\n', 'origin receives HEAD /a\n', 'client leaves\n'];
    const outcomes = steps.map((step) => outcome(asking + step, 'required'));
    expect(await Promise.all(outcomes)).toEqual(Array(steps.length).fill('not reached'));
  });
});

describe('a claim fails', () => {
  it.each([
    ['behind the step of that name', `${exchange}claim\nclient receives 404\n`, 'required'],
    ['anywhere without one', `${exchange}client receives 404\n`, 'required'],
    ['where to ask the origin breaks a MUST', 'client sends GET /a\norigin must stay silent\n', 'required'],
    ['where not to ask is all that it is about', 'client sends GET /a\norigin silent\n', 'optimal'],
  ])('%s', async (_where, steps, kind) => {
    expect(await outcome(steps, kind)).toBe('failed');
  });

  it('where a client was served meanwhile, though the origin was asked as well', async () => {
    const steps = `${exchange}client A sends GET /b\nclient receives 404\n`;
    expect(await outcome(steps, 'required')).toBe('failed');
  });
});

describe('a class of statuses', () => {
  it.each([
    [502, 'passed'],
    [404, 'failed'],
  ])('has %i or has it not', async (status, expected) => {
    const steps = `client sends GET /a\norigin receives GET /a\norigin answers ${status}\nclient receives 5xx\n`;
    expect(await outcome(steps, 'required')).toBe(expected);
  });
});

describe('on a cache elsewhere', () => {
  it.each(['clock jumps 1h\n', 'client sends GET /a\norigin receives GET /a\norigin times out\n'])(
    'skips what can not be done: %j',
    async (steps) => {
      const fixture = fixtureOf(steps);
      const result = await playFixture(fixture, elsewhere().source);
      expect(result).toEqual({ outcome: 'skipped', step: fixture.steps.at(-1) });
    },
  );

  it('answers a request that no step took, so that the cache is not left waiting', async () => {
    const { source, clients } = elsewhere();
    await playFixture(fixtureOf('client sends GET /a\norigin silent\n'), source);
    expect(clients.map(({ head, content }) => [head?.status, Buffer.from(content).toString()])).toEqual([
      [500, 'canary: the origin was asked'],
    ]);
  });
});
