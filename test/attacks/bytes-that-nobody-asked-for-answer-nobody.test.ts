import { describe, expect, test } from 'vitest';
import { overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const lines = ['Cache-Control: max-age=600'];
const poison = responseWith('poison', lines);
const head = (status: string, ...more: readonly string[]): string =>
  [`HTTP/1.1 ${status}`, ...more, '', ''].join('\r\n');

/** What answers the request for its target: CVE-2026-6733, CVE-2026-48931. */
const right = ({ target }: SeenRequest): string => responseWith(`answer to ${target}`, lines);

/** There is one connection to the origin: whatever lies on it would answer the next request. */
const options = { limits: { originConnections: 1, originHeadTimeoutMs: 2_000 } };

async function expectRightAnswers({ get, origin }: ProxyStage, targets: readonly string[]): Promise<void> {
  for (const target of [...targets, ...targets]) expect((await get(target)).content).toBe(`answer to ${target}`);
  expect(origin.faults()).toEqual([]);
  // Its own request has reached the origin, once: nobody was answered by what came before that.
  for (const target of targets) expect(origin.seen.filter((seen) => seen.target === target).length).toBe(1);
}

/** Responses with more behind them than belongs to them, with the method that they answer. */
const surplus: readonly (readonly [what: string, method: string, response: string, statuses: readonly number[]])[] = [
  ['a response with a length', 'GET', responseWith('first'), [200]],
  [
    'a response in chunks',
    'GET',
    `${head('200 OK', 'Transfer-Encoding: chunked')}5\r\nfirst\r\n0\r\nX: y\r\n\r\n`,
    [200],
  ],
  ['a response without content', 'GET', head('204 No Content'), [204]],
  ['a 204 that says it had content', 'GET', head('204 No Content', 'Content-Length: 500'), [204]],
  ['a 204 that says it had chunks', 'GET', head('204 No Content', 'Transfer-Encoding: chunked'), [204]],
  ['a 304', 'GET', head('304 Not Modified', 'Content-Length: 500'), [304]],
  ['an answer to HEAD', 'HEAD', head('200 OK', 'Content-Length: 500'), [200]],
  ['an answer to HEAD that says it had chunks', 'HEAD', head('200 OK', 'Transfer-Encoding: chunked'), [200]],
  ['an answer to POST', 'POST', responseWith('first'), [200]],
];

overBothLanes(() => {
  describe.each(surplus)('behind %s', (_, method, response, statuses) => {
    async function answeredFirst(stage: ProxyStage): Promise<void> {
      const received = await stage.ask('/first', [], method);
      const { messages, rest, fault } = readResponses(received, [method], true);
      expect([messages.map(({ startLine }) => Number(startLine.slice(9, 12))), rest, fault]).toEqual([
        statuses,
        '',
        undefined,
      ]);
      expect(received).not.toContain('poison');
    }

    test('in the same bytes', async () => {
      const stage = await proxyStage(
        (request) => (request.target === '/first' ? response + poison : right(request)),
        options,
      );
      await answeredFirst(stage);
      await expectRightAnswers(stage, ['/a', '/b']);
      expect(stage.origin.connections.length).toBe(2);
    });

    test.each([
      ['a whole response', poison],
      ['the beginning of one', poison.slice(0, 30)],
      [
        'one that tells that nothing was asked for too long',
        responseWith('', ['Connection: close'], '408 Request Timeout'),
      ],
      ['an interim one', head('103 Early Hints', 'X-Poison: yes')],
      ['rubbish', 'rubbish\r\n\r\n'],
    ])('later, while nothing is asked: %s', async (_what, bytes) => {
      const stage = await proxyStage((request) => (request.target === '/first' ? response : right(request)), options);
      await answeredFirst(stage);
      stage.origin.connections[0]?.send(bytes);
      await expectRightAnswers(stage, ['/a', '/b']);
      expect(stage.origin.connections.length).toBe(2);
    });
  });

  test('those who wait for the same connection are answered by what answers them', async () => {
    const stage = await proxyStage(
      (request) => (request.target === '/first' ? responseWith('first') + poison : right(request)),
      options,
    );
    const targets = ['/first', '/a', '/b', '/c'];
    const contents = await Promise.all(targets.map(async (target) => (await stage.get(target)).content));
    expect(contents).toEqual(['first', 'answer to /a', 'answer to /b', 'answer to /c']);
    await expectRightAnswers(stage, ['/a', '/b', '/c']);
  });

  test('content of a response that was given up answers nobody', async () => {
    const stage = await proxyStage(
      (request) => (request.target === '/first' ? head('200 OK', 'Content-Length: 1000') : right(request)),
      options,
    );
    const leaving = stage.client();
    leaving.send('GET /first HTTP/1.1\r\nHost: shop.test\r\n\r\n');
    await leaving.until((received) => received.includes('\r\n\r\n'));
    leaving.socket.destroy();
    const [connection] = stage.origin.connections;
    await connection?.closed;
    await expectRightAnswers(stage, ['/a', '/b']);
    expect(leaving.received).not.toContain('answer to');
  });
});
