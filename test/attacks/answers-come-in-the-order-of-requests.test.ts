import { expect, test } from 'vitest';
import { Barriers } from '../harness/barriers.ts';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const fresh = ['Cache-Control: max-age=600'];

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: shop.test\r\n\r\n`;
}

/** What can't be read as a request behind others (RFC 9112 §9.3.2): by the gate, by the parser, and in the middle of content. */
const bad = [
  ['two Host lines', 'GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  ['a bare LF', 'GET /bad HTTP/1.1\nHost: a\n\n', 400],
  ['a coding twice', 'GET /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n', 400],
  ['a target that is none', 'GET bad HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['an expectation that is none', 'GET /bad HTTP/1.1\r\nHost: a\r\nExpect: y\r\n\r\n', 417],
  ['TRACE', 'TRACE /bad HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['CONNECT', 'CONNECT bad:1 HTTP/1.1\r\nHost: bad:1\r\n\r\n', 405],
] as const;

overBothLanes((lane) => {
  test('in whatever order the origin gives them, misses and hits together', async () => {
    const barriers = new Barriers();
    const targets = ['/a', '/b', '/stored', '/c', '/d', '/stored'];
    const stage = await proxyStage(async ({ target }) => {
      if (target !== '/stored') await barriers.reached(target);
      return responseWith(target, target === '/stored' ? fresh : []);
    });
    await stage.get('/stored');
    const client = stage.client();
    client.send(targets.slice(0, 3).map(get).join(''));
    barriers.open('/other');
    await stage.origin.requests(2);
    // While others wait for their answers.
    for (const target of targets.slice(3)) await client.sendApart([get(target)]);
    // The fast lane asks for one at a time.
    await stage.origin.requests(lane === 'the fast lane' ? 2 : 5);
    for (const target of targets.toReversed()) {
      expect(client.received).toBe('');
      barriers.open(target);
      // What the origin has sent is with Etagere when an answer that it has sent later has come from there.
      await stage.get('/other');
    }
    client.send('GET /stored HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n');
    await client.closed;
    const expected = [...targets, '/stored'];
    const { messages, rest, fault } = readResponses(
      client.received,
      expected.map(() => 'GET'),
      true,
    );
    expect([messages.map(({ content }) => content), rest, fault]).toEqual([expected, '', undefined]);
    expect(stage.origin.seen.filter(({ target }) => target !== '/other').length).toBe(5);
  });

  test.each(bad)('a refusal of %s is the last of them, and comes in its turn', async (_, bytes, status) => {
    const barriers = new Barriers();
    const stage = await proxyStage(async ({ target }) => {
      if (target === '/slow') await barriers.reached('asked');
      return responseWith(target, fresh);
    });
    await stage.get('/stored');
    const client = stage.client();
    client.send(get('/slow') + get('/stored') + bytes + get('/smuggled'));
    await stage.origin.requests(2);
    expect(client.received).toBe('');
    barriers.open('asked');
    await client.closed;
    const { messages, rest, fault } = readResponses(client.received, ['GET', 'GET', 'GET'], true);
    expect(messages.map(({ startLine }) => Number(startLine.slice(9, 12)))).toEqual([200, 200, status]);
    expect([messages[0]?.content, messages[1]?.content, rest, fault]).toEqual(['/slow', '/stored', '', undefined]);
    expect(stage.origin.seen.map(({ target }) => target)).toEqual(['/stored', '/slow']);
  });
});
