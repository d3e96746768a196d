import { join } from 'node:path';
import { expect, test } from 'vitest';
import { overBothLanes, type ProxyStage, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { readTruthTable } from '../harness/truth-table.ts';

const rows = readTruthTable(join(import.meta.dirname, '../../fixtures/truth-table/requests.txt'));

const conversation = [
  'POST /echo HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n',
  'POST /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 7\r\n\r\nGET /b ',
  'HEAD /a HTTP/1.1\r\nHost: shop.test\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n',
].join('');
const methods = ['POST', 'POST', 'HEAD', 'GET'];
const contents = ['POST /echo abcde', 'POST /echo GET /b', '', 'GET /a'];

/** Says what came, so that each answer tells how the request was read. */
function echo({ method, target, content }: SeenRequest): string {
  return responseWith(`${method} ${target} ${content}`.trimEnd(), ['Cache-Control: max-age=600']);
}

async function answersTo(stage: ProxyStage, pieces: readonly string[]): Promise<readonly string[]> {
  const client = stage.client();
  await client.sendApart(pieces);
  await client.closed;
  const { messages, rest, fault = '' } = readResponses(client.received, methods, true);
  expect([rest, fault]).toEqual(['', '']);
  return messages.map(({ content }) => content);
}

overBothLanes(() => {
  test('in two pieces, wherever they part', async () => {
    const stage = await proxyStage(echo);
    await stage.get('/a');
    const cuts = Array.from({ length: conversation.length - 1 }, (_, index) => index + 1);
    while (cuts.length > 0) {
      const asked = cuts.splice(0, 32).map(async (at) => {
        const answers = await answersTo(stage, [conversation.slice(0, at), conversation.slice(at)]);
        expect([at, answers]).toEqual([at, contents]);
      });
      await Promise.all(asked);
    }
    const others = stage.origin.seen.filter(({ method, target }) => `${method} ${target}` !== 'POST /echo');
    expect(others.map(({ method, target }) => `${method} ${target}`)).toEqual(['GET /a']);
    expect(stage.origin.faults()).toEqual([]);
  });

  test('in pieces of a byte', async () => {
    const stage = await proxyStage(echo);
    expect(await answersTo(stage, conversation.split(''))).toEqual(contents);
    expect(stage.origin.faults()).toEqual([]);
  });

  test('in pieces that part at every CR, whatever the truth table has', async () => {
    const { origin, client } = await proxyStage(() => responseWith('answer'), { limits: { clientContentIdleMs: 500 } });
    const found: string[] = [];
    for (const { title, bytes } of rows) {
      const before = origin.seen.length;
      const asking = client();
      await asking.sendApart(
        `${bytes}GET /next HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n`.split(/(?<=\r)/),
      );
      await asking.closed;
      const { messages } = readResponses(asking.received, ['GET', 'GET', 'GET', 'GET'], true);
      const statuses = messages.map(({ startLine }) => startLine.slice(9, 12)).join(', ');
      const seen = origin.seen.slice(before).map((each) => `${each.method} ${each.target} ${each.content}`.trimEnd());
      found.push(`${title}: ${statuses} from ${seen.join('; ')}`);
    }
    expect(found).toEqual(rows.map((row) => `${row.title}: ${row.etagere} from ${row.origin}`));
    expect(origin.faults()).toEqual([]);
  });
});
