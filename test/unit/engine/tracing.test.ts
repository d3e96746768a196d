import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import type { OriginTrace, RequestTrace } from '../../../src/engine/tracing.ts';
import { fieldsOf } from '../../../src/http/fields.ts';
import { stage } from './engine-stage.ts';

type Told = readonly [channel: string, message: unknown];

const subscriptions: (readonly [channel: string, listener: (message: unknown) => void])[] = [];

afterEach(() => {
  for (const [channel, listener] of subscriptions.splice(0)) unsubscribe(channel, listener);
});

/** What the channels say from now on: the name with what the message holds at that time, and the messages. */
function listen(...channels: string[]): { names: string[]; told: Told[] } {
  const names: string[] = [];
  const told: Told[] = [];
  for (const channel of channels.map((name) => `etagere:${name}`)) {
    const listener = (message: unknown): void => {
      names.push(channel.slice('etagere:'.length));
      told.push([channel, { ...(message as object) }]);
    };
    subscribe(channel, listener);
    subscriptions.push([channel, listener]);
  }
  return { names, told };
}

const all = ['request:start', 'request:end', 'origin:start', 'origin:head', 'origin:end'];
const lasting = ['cache-control', 'max-age=60'] as const;

describe('the channels of diagnostics', () => {
  it('tell a miss and its request to the origin in the order of events', () => {
    const { ask, answer } = stage();
    const { names } = listen(...all);
    ask('/a');
    answer(0, lasting);
    expect(names).toEqual(['request:start', 'origin:start', 'origin:head', 'origin:end', 'request:end']);
  });

  it('tell what is known at the time', async () => {
    const { ask, origin, clock, date } = stage();
    const { told } = listen(...all);
    const start = clock.steady();
    ask('/a?b');
    await clock.advance(20, async () => {});
    const arrival = origin.arrivals[0];
    arrival?.head({ status: 404, fields: fieldsOf(date, lasting) });
    arrival?.write(Buffer.from('content'));
    arrival?.end();
    const [begun, asked, head, answered, ended] = told.map(([, message]) => message);
    expect(begun).toMatchObject({ request: { method: 'GET', target: '/a?b' }, startedAt: start });
    expect(begun).not.toHaveProperty('record');
    expect(asked).toMatchObject({ request: { target: '/a?b' }, url: origin.url, purpose: 'fetch', startedAt: start });
    expect(asked).not.toHaveProperty('status');
    expect(head).toMatchObject({ status: 404, contentBytes: 0 });
    expect(answered).toMatchObject({ status: 404, contentBytes: 7 });
    expect(ended).toMatchObject({ record: { status: 404, durationMs: 20, cacheStatus: { fwd: 'uri-miss' } } });
  });

  it('tell start and end by the same object, which is the parent of what the origin is asked', () => {
    const { ask, answer } = stage();
    const messages: unknown[] = [];
    for (const name of all) {
      const listener = (message: unknown): void => void messages.push(message);
      subscribe(`etagere:${name}`, listener);
      subscriptions.push([`etagere:${name}`, listener]);
    }
    ask('/a');
    answer(0, lasting);
    const [begun, asked, head, answered, ended] = messages;
    expect(ended).toBe(begun);
    expect([head, answered]).toEqual([asked, asked]);
    expect((asked as OriginTrace).parent).toBe(begun);
  });

  it('tell a hit that is answered at once like any other request', () => {
    const { ask, answer, engine } = stage();
    ask('/a');
    answer(0, lasting);
    const { names, told } = listen(...all);
    const request = requestFor('/a');
    engine.hit(request, { address: '127.0.0.1' });
    expect(names).toEqual(['request:start', 'request:end']);
    expect(told[1]?.[1]).toMatchObject({ request, record: { cacheStatus: { hit: true } } });
  });

  it('tell of a validation in the background, which has no parent', async () => {
    const { ask, answer, clock } = stage();
    ask('/a');
    answer(0, ['cache-control', 'max-age=1, stale-while-revalidate=60'], ['etag', '"1"']);
    await clock.advance(2_000, async () => {});
    const { told } = listen('origin:start');
    ask('/a');
    expect(told).toMatchObject([['etagere:origin:start', { purpose: 'validate', parent: undefined }]]);
  });

  it('tell why the origin gave no answer, and who was given up', () => {
    const { ask, origin } = stage();
    const { told } = listen('origin:end');
    ask('/a');
    origin.arrivals[0]?.fail('ORIGIN_HEAD_TIMEOUT');
    ask('/b').leave();
    const [failed, unwanted] = told.map(([, message]) => message);
    expect(failed).toMatchObject({ error: 'ORIGIN_HEAD_TIMEOUT' });
    expect(unwanted).not.toHaveProperty('error');
    expect(unwanted).not.toHaveProperty('status');
  });

  it.each([
    ['shorter', 'cont', 'ORIGIN_RESPONSE_INCOMPLETE'],
    ['longer', 'contents', 'ORIGIN_RESPONSE_INVALID'],
  ])('tell that a response was %s than it said', (_, content, error) => {
    const { ask, origin, date } = stage();
    const { told } = listen('origin:end');
    ask('/a');
    const arrival = origin.arrivals[0];
    arrival?.head({ status: 200, fields: fieldsOf(date, lasting, ['content-length', '7']) });
    arrival?.write(Buffer.from(content));
    arrival?.end();
    expect(told).toMatchObject([['etagere:origin:end', { status: 200, error }]]);
  });

  it('say nothing of a request that began before anybody listened', () => {
    const { ask, answer } = stage();
    ask('/a');
    const { names } = listen(...all);
    answer(0, lasting);
    expect(names).toEqual([]);
  });

  it('leave the response as it is for those who wait for it', () => {
    const { ask, origin, date } = stage();
    listen(...all);
    const [leader, follower] = [ask('/a'), ask('/a')];
    const arrival = origin.arrivals[0];
    arrival?.head({ status: 200, fields: fieldsOf(date, lasting) });
    arrival?.write(Buffer.from('content'));
    arrival?.end();
    expect([leader.text, follower.text]).toEqual(['content', 'content']);
  });
});

function requestFor(target: string): RequestTrace['request'] {
  const fields = fieldsOf(['host', 'example.com']);
  return { method: 'GET', scheme: 'http', authority: 'example.com', target, version: '1.1', fields };
}
