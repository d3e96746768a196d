import { expect, test } from 'vitest';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const interim = (index: number): string => `HTTP/1.1 103 Early Hints\r\nX-Number: ${index}\r\n\r\n`;
const final = responseWith('good', ['Cache-Control: max-age=600', 'X-Final: yes']);

/** The statuses of what a client was sent, as far as it is whole. */
function statusesIn(received: string): readonly string[] {
  return readResponses(received, ['GET'], true).messages.map(({ startLine }) => startLine.slice(9, 12));
}

overBothLanes(() => {
  test('an origin that never comes to its response is given up, after so many interim ones', async () => {
    const stage = await proxyStage(
      ({ index }) => (index === 0 ? Array.from({ length: 1_000 }, (_, at) => interim(at)).join('') : final),
      { limits: { originInterimResponses: 4 } },
    );
    expect(statusesIn(await stage.ask('/a'))).toEqual(['103', '103', '103', '103', '502']);
    await stage.origin.connections[0]?.closed;
    expect((await stage.get('/a')).content).toBe('good');
  });

  test('each of those that are allowed is passed on, and counted for its own response alone', async () => {
    const stage = await proxyStage(() => interim(1) + interim(2) + interim(3) + interim(4) + final, {
      limits: { originInterimResponses: 4, originConnections: 1 },
    });
    for (const target of ['/a', '/b', '/c'])
      expect(statusesIn(await stage.ask(target))).toEqual(['103', '103', '103', '103', '200']);
    expect(stage.origin.connections.length).toBe(1);
  });

  test('nothing of them is stored, or told to those who did not cause them', async () => {
    const early =
      'HTTP/1.1 103 Early Hints\r\nSet-Cookie: session=1\r\nCache-Control: no-store\r\nX-Early: yes\r\n\r\n';
    const stage = await proxyStage(() => early + final);
    expect(statusesIn(await stage.ask('/a'))).toEqual(['103', '200']);
    const reused = await stage.ask('/a');
    expect(statusesIn(reused)).toEqual(['200']);
    expect(reused).not.toMatch(/x-early|set-cookie|no-store/i);
    expect(stage.origin.seen.length).toBe(1);
  });

  test('none of them goes to a client of HTTP/1.0', async () => {
    const stage = await proxyStage(() => interim(1) + final);
    expect(statusesIn(await stage.exchange('GET /a HTTP/1.0\r\nHost: shop.test\r\n\r\n'))).toEqual(['200']);
  });

  test.each([
    ['a length', 'Content-Length: 5\r\n'],
    ['a coding', 'Transfer-Encoding: chunked\r\n'],
  ])('none has content, although it says %s', async (_, line) => {
    const stage = await proxyStage(() => `HTTP/1.1 103 Early Hints\r\n${line}X-Number: 1\r\n\r\n${final}`);
    const { messages } = readResponses(await stage.ask('/a'), ['GET'], true);
    expect(messages.map(({ content, fields }) => [content, new Map(fields).has('x-number')])).toEqual([
      ['', true],
      ['good', false],
    ]);
    expect(messages[0]?.raw.toLowerCase()).not.toContain(line.toLowerCase());
  });
});
