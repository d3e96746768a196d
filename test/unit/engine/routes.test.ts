import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../../src/engine/exchange.ts';
import { onlyRoute, type Route } from '../../../src/engine/route.ts';
import { type Fields, fieldsOf, fieldValue, withLine, withoutFields } from '../../../src/http/fields.ts';
import { presentedTarget } from '../../../src/http/message.ts';
import { cookieDropper } from '../../../src/key/cookie-rules.ts';
import { bypassMatch } from '../../../src/key/request-match.ts';
import { presets } from '../../../src/policy/config.ts';
import { ScriptedOrigin } from '../../../src/play/scripted-origin.ts';
import { exchangeWith, RecordingSink } from './recording-sink.ts';
import { stage } from './engine-stage.ts';

type Play = ReturnType<typeof stage>;

/** From now on all requests take the route that `change` makes. */
function reroute(play: Play, change: Partial<Route>): void {
  const { origin } = play;
  const forwarding = { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere-1' };
  const route = onlyRoute({ origin, policy: presets.safe, forwarding }).of(exchangeWith(new RecordingSink()).request);
  const changed = { ...route, ...change };
  play.engine.reroute({ of: () => changed });
}

const field = (sink: RecordingSink, name: string): string | undefined =>
  fieldValue(sink.heads.at(-1)?.fields ?? fieldsOf(), name);

const add =
  (name: string, value: string) =>
  (fields: Fields): Fields =>
    withLine(fields, name, value);

const asking =
  (method: string, cookie: string) =>
  (exchange: Exchange): Exchange => ({
    ...exchange,
    request: { ...exchange.request, method, fields: withLine(exchange.request.fields, 'cookie', cookie) },
  });

describe('a route', () => {
  it('has the same bytes keyed and asked for at the origin', () => {
    const play = stage();
    reroute(play, { rewrite: (target) => target.replace(/\?.*/, '') });
    play.ask('/a?utm_source=1');
    expect(play.origin.arrivals[0]?.target).toBe('/a');
    play.answer(0, ['cache-control', 'max-age=60']);
    expect(field(play.ask('/a?utm_source=2'), 'cache-status')).toBe('etagere; hit; ttl=60');
    const { request, client } = exchangeWith(new RecordingSink(), '/a?other');
    expect(play.engine.hit(request, client)?.head.status).toBe(200);
  });

  it('tells of each request the target that its client wrote, beside the one that is keyed', () => {
    const play = stage();
    reroute(play, { rewrite: (target) => target.replace(/\?.*/, '') });
    play.ask('/a?utm_source=1');
    play.answer(0, ['cache-control', 'max-age=60']);
    play.ask('/a?utm_source=2');
    const { request, client } = exchangeWith(new RecordingSink(), '/a?utm_source=3');
    play.engine.hit(request, client);
    play.ask('/a');
    const told = play.records.map((record) => [presentedTarget(record.request), record.request.target]);
    expect(told).toEqual([
      ['/a?utm_source=1', '/a'],
      ['/a?utm_source=2', '/a'],
      ['/a?utm_source=3', '/a'],
      ['/a', '/a'],
    ]);
  });

  it('has what a response names invalidated under the key that it is stored under', () => {
    const play = stage();
    reroute(play, { rewrite: (target) => target.replace(/\?.*/, '') });
    play.ask('/list?page=1');
    play.answer(0, ['cache-control', 'max-age=60']);
    play.ask('/items', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'POST' } }));
    play.answer(1, ['location', '/list?page=9']);
    play.ask('/list?page=1');
    expect(play.origin.arrivals.map(({ target }) => target)).toEqual(['/list', '/items', '/list']);
  });

  it('has a purge find by a URL as clients write it what is stored under another', async () => {
    const play = stage();
    reroute(play, { rewrite: (target) => target.replace(/\?.*/, '') });
    play.ask('/a?utm_source=1');
    play.answer(0, ['cache-control', 'max-age=60']);
    const selection = { kind: 'url', url: 'http://example.com/a?utm_source=2' } as const;
    expect(await play.engine.operations.preview(selection)).toMatchObject({ matched: 1 });
    expect(await play.engine.operations.purge(selection, 'hard')).toMatchObject({ matched: 1, removed: 1 });
  });

  it('has its origin kept for a QUERY whose content is still to come, until it is answered', async () => {
    const play = stage();
    const { origin, engine } = play;
    expect(engine.mayAsk(origin)).toBe(false);
    const content = new PassThrough();
    play.ask('/a', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'QUERY' }, content }));
    expect([origin.stats().active, engine.mayAsk(origin)]).toEqual([0, true]);
    expect(engine.mayAsk(new ScriptedOrigin(() => undefined))).toBe(false);
    content.end('what is asked for');
    await vi.waitUntil(() => origin.arrivals.length > 0);
    origin.arrivals[0]?.head({ status: 200, fields: fieldsOf(play.date) });
    expect(engine.mayAsk(origin)).toBe(false);
  });

  it('of PURGE is that of what is purged', async () => {
    const play = stage(
      {},
      (store) => store,
      () => true,
    );
    const [request] = [exchangeWith(new RecordingSink()).request];
    const { origin } = play;
    const forwarding = { originAuthority: 'origin.test', preserveHost: false, viaName: 'etagere-1' };
    const plain = onlyRoute({ origin, policy: presets.safe, forwarding }).of(request);
    const pruned = { ...plain, rewrite: (target: string) => target.replace(/\?.*/, '') };
    play.engine.reroute({ of: ({ method }) => (method === 'GET' ? pruned : plain) });
    play.ask('/a?x');
    play.answer(0, ['cache-control', 'max-age=60']);
    const sink = play.ask('/a?y', (exchange) => ({ ...exchange, request: { ...exchange.request, method: 'PURGE' } }));
    await new Promise(setImmediate);
    expect(JSON.parse(sink.text)).toMatchObject({ matched: 1, stale: 1 });
  });

  it('lets no HEAD that goes past the shelf change what is on it for all', () => {
    const play = stage();
    reroute(play, { bypasses: ({ fields }) => fieldValue(fields, 'cookie') !== undefined });
    play.ask('/a');
    play.answer(0, ['cache-control', 'max-age=60'], ['etag', '"1"']);
    play.ask('/a', asking('HEAD', 'session=alice'));
    play.answer(1, ['cache-control', 'max-age=60'], ['etag', '"1"'], ['x-user', 'alice']);
    const sink = play.ask('/a');
    expect(field(sink, 'cache-status')).toBe('etagere; hit; ttl=60');
    expect(field(sink, 'x-user')).toBeUndefined();
  });

  it('sends requests past the shelf, whatever is on it, and stores nothing of them', () => {
    const play = stage();
    play.ask('/a');
    play.answer(0, ['cache-control', 'max-age=60']);
    reroute(play, { bypasses: () => true });
    const { request, client } = exchangeWith(new RecordingSink(), '/a');
    expect(play.engine.hit(request, client)).toBeUndefined();
    const sink = play.ask('/a');
    play.answer(1, ['cache-control', 'max-age=60']);
    expect(field(sink, 'cache-status')).toBe('etagere; fwd=bypass; detail=bypass-rule');
    play.ask('/b');
    play.answer(2, ['cache-control', 'max-age=60']);
    reroute(play, {});
    play.ask('/b');
    expect(play.origin.arrivals).toHaveLength(4);
  });

  it('leaves out the cookies that make no difference, for the policy and for the origin', () => {
    const play = stage();
    reroute(play, { dropCookies: cookieDropper(['_ga*']) });
    play.ask('/a', asking('GET', '_ga=1; _ga_X=2'));
    expect(fieldValue(play.origin.arrivals[0]?.fields ?? fieldsOf(), 'cookie')).toBeUndefined();
    // A guess, which would not be stored for a request with a cookie.
    play.answer(0, ['last-modified', 'Sat, 01 Jan 2000 00:00:00 GMT']);
    expect(field(play.ask('/a', asking('GET', '_ga=3')), 'cache-status')).toMatch(/^etagere; hit; ttl=\d+$/);
    play.ask('/a', asking('GET', '_ga=3; session=1'));
    expect(fieldValue(play.origin.arrivals[1]?.fields ?? fieldsOf(), 'cookie')).toBe('session=1');
  });

  it('keeps all cookies of what changes something, and of what goes past the shelf', () => {
    const play = stage();
    const bypasses = bypassMatch({ paths: [], cookies: ['session'], fields: [] });
    reroute(play, { dropCookies: cookieDropper(['*']), bypasses });
    play.ask('/a', asking('POST', 'a=1'));
    play.ask('/b', asking('GET', 'session=1; b=2'));
    play.ask('/c', asking('HEAD', 'a=1'));
    const cookies = play.origin.arrivals.map(({ fields }) => fieldValue(fields, 'cookie'));
    expect(cookies).toEqual(['a=1', 'session=1; b=2', undefined]);
  });

  it('changes the fields that the origin gets, and those that clients get, stored or not', () => {
    const play = stage();
    reroute(play, { editRequest: add('x-key', 'secret'), editResponse: add('x-served', 'here') });
    const first = play.ask('/a');
    expect(fieldValue(play.origin.arrivals[0]?.fields ?? fieldsOf(), 'x-key')).toBe('secret');
    play.answer(0, ['cache-control', 'max-age=60']);
    expect([field(first, 'x-served'), field(play.ask('/a'), 'x-served')]).toEqual(['here', 'here']);
    const { request, client } = exchangeWith(new RecordingSink(), '/a');
    expect(fieldValue(play.engine.hit(request, client)?.head.fields ?? fieldsOf(), 'x-served')).toBe('here');
    reroute(play, {});
    expect(fieldValue(play.engine.hit(request, client)?.head.fields ?? fieldsOf(), 'x-served')).toBeUndefined();
  });

  it('changes the fields of interim responses as well', () => {
    const play = stage();
    reroute(play, { editResponse: (fields) => withoutFields(fields, new Set(['x-internal'])) });
    const sink = play.ask('/a');
    play.origin.arrivals[0]?.interim({ status: 103, fields: fieldsOf(['link', '</a.css>'], ['x-internal', '1']) });
    expect(sink.heads.map(({ fields }) => fields)).toEqual([fieldsOf(['link', '</a.css>'])]);
  });

  it('that is new goes to its own origin, and keeps what is stored', () => {
    const play = stage();
    play.ask('/a');
    play.answer(0, ['cache-control', 'max-age=60']);
    const origin = new ScriptedOrigin(() => undefined);
    reroute(play, { origin, name: 'new' });
    expect(field(play.ask('/a'), 'cache-status')).toBe('etagere; hit; ttl=60');
    play.ask('/b');
    expect(origin.arrivals.map(({ target }) => target)).toEqual(['/b']);
    expect(play.records.map(({ route }) => route)).toEqual(['default', 'new']);
  });

  it('tells an origin that can not be reached from one that fails', async () => {
    for (const [failure, expected] of [
      ['unreachable', 200],
      ['503', 503],
    ] as const) {
      const play = stage();
      reroute(play, { policy: { ...presets.safe, staleIfUnreachable: 60 } });
      play.ask('/a');
      play.answer(0, ['cache-control', 'max-age=1'], ['etag', '"1"']);
      await play.clock.advance(5_000, () => Promise.resolve());
      const sink = play.ask('/a');
      if (failure === 'unreachable') play.origin.arrivals[1]?.fail('ORIGIN_REFUSED');
      else play.origin.arrivals[1]?.head({ status: 503, fields: fieldsOf(play.date) });
      expect(sink.heads.at(-1)?.status).toBe(expected);
    }
  });

  it.each([
    ['not by the window for errors', { staleIfError: 60, staleIfUnreachable: 60 }, [], 429],
    ["not by the origin's own window for errors", {}, ['cache-control', 'stale-if-error=60'], 429],
    ['by a window of its own', { staleIfTooMany: 60 }, [], 200],
    ['not against must-revalidate', { staleIfTooMany: 60 }, ['cache-control', 'must-revalidate'], 429],
    ['not beyond that window', { staleIfTooMany: 3 }, [], 429],
  ] as const)('stands in for a 429: %s', async (_, policy, line, expected) => {
    const play = stage();
    reroute(play, { policy: { ...presets.safe, ...policy } });
    play.ask('/a');
    const lines = [
      ['cache-control', 'max-age=1'],
      ['etag', '"1"'],
    ] as const;
    play.answer(0, ...lines, ...(line.length === 0 ? [] : [line]));
    await play.clock.advance(5_000, () => Promise.resolve());
    const sink = play.ask('/a');
    play.origin.arrivals[1]?.head({ status: 429, fields: fieldsOf(play.date) });
    expect(sink.heads.at(-1)?.status).toBe(expected);
  });
});
