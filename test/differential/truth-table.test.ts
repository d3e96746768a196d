import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { RawClient } from '../harness/raw-client.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';
import { bareNode } from './bare-node.ts';
import { expectedOfNode, readTruthTable } from '../harness/truth-table.ts';

const rows = readTruthTable(join(import.meta.dirname, '../../fixtures/truth-table/requests.txt'));
const next = 'GET /next HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n';
const major = Number.parseInt(process.versions.node, 10);

/** No row has more requests. */
const methods = ['GET', 'GET', 'GET', 'GET'];

overBothLanes(() => {
  test('what is answered to every row of the truth table, and what the origin gets of it', async () => {
    const { origin, exchange } = await proxyStage(() => responseWith('answer'), {
      limits: { clientContentIdleMs: 500 },
    });
    const found: string[] = [];
    for (const { title, bytes } of rows) {
      const before = origin.seen.length;
      const { messages, rest, fault = '' } = readResponses(await exchange(bytes + next), methods, true);
      const statuses = messages.map(({ startLine }) => startLine.slice(9, 12)).join(', ');
      const seen = origin.seen.slice(before).map((each) => `${each.method} ${each.target} ${each.content}`.trimEnd());
      found.push(`${title}: ${statuses}${rest}${fault} from ${seen.join('; ')}`);
    }
    expect(found).toEqual(rows.map(({ title, etagere, origin: seen }) => `${title}: ${etagere} from ${seen}`));
    expect(origin.faults()).toEqual([]);
  });
});

test('what a bare node:http of this line takes every row of the truth table for', async () => {
  const node = await bareNode();
  atEnd(() => node.close());
  const takes = async ({ title, bytes }: (typeof rows)[number]): Promise<string> => {
    const client = new RawClient(node.port);
    client.send(bytes + next);
    await client.closed;
    const { messages } = readResponses(client.received, methods, true);
    const taken = messages.map(({ startLine, content }) =>
      startLine.startsWith('HTTP/1.1 200') ? content : startLine.slice(9, 12),
    );
    return `${title}: ${taken.join('; ')}`;
  };
  const found = await Promise.all(rows.map(takes));
  expect(found).toEqual(rows.map((row) => `${row.title}: ${expectedOfNode(row, major) ?? ''}`));
});
