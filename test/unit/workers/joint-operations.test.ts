import { expect, it } from 'vitest';
import type { NotStored } from '../../../src/engine/not-stored.ts';
import type { Inspection, Operations } from '../../../src/engine/operations.ts';
import type { RequestHead } from '../../../src/http/message.ts';
import { jointOperations } from '../../../src/workers/joint-operations.ts';
import { Link } from '../../../src/workers/link.ts';
import { Crew } from './crew.ts';

const request = { method: 'GET', target: '/' } as RequestHead;

function notStored(responseWallTime: number, reason: NotStored['reason']): NotStored {
  const times = { requestTime: 0, responseTime: 0, responseWallTime };
  return { reason, times, response: { status: 200, fields: [] as never }, closeDelimited: false };
}

/** What an operator is told of a request at a worker that knows this of it. */
function operationsOf(crew: Crew, known: Partial<Inspection>): Operations {
  const inspect = async (): Promise<Inspection> => ({ fillInProgress: false, route: 'r', ...known }) as Inspection;
  return jointOperations({ inspect } as unknown as Operations, new Link(crew.join().channel));
}

/** Until everybody can be asked. */
async function told(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

it('what is asked of one worker is looked up in all', async () => {
  const crew = new Crew();
  const operations = operationsOf(crew, { lastNotStored: notStored(1, 'no-store') });
  operationsOf(crew, { fillInProgress: true, lastNotStored: notStored(3, 'set-cookie') });
  operationsOf(crew, { lastNotStored: notStored(2, 'private') });
  await told();
  expect(await operations.inspect(request)).toMatchObject({
    route: 'r',
    fillInProgress: true,
    lastNotStored: { reason: 'set-cookie' },
  });
});

it('where none knows more, there is what is known here', async () => {
  const crew = new Crew();
  const operations = operationsOf(crew, {});
  operationsOf(crew, {});
  await told();
  expect(await operations.inspect(request)).toEqual({ fillInProgress: false, route: 'r' });
});
