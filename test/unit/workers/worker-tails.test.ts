import { expect, it } from 'vitest';
import type { TailRecord } from '../../../src/observe/statistics.ts';
import { Tail } from '../../../src/observe/tail.ts';
import { WorkerTails } from '../../../src/workers/worker-tails.ts';
import { Crew } from './crew.ts';

function record(url: string): TailRecord {
  return { time: '2026-01-01T00:00:00.000Z', status: 200, client: '127.0.0.1', url };
}

/** A worker whose requests a test tells. */
function worker(
  crew: Crew,
  name: string,
  { channel, leave } = crew.join(),
): { requests: Tail; tails: WorkerTails; leave: (how: 'died') => void } {
  const requests = new Tail();
  return { requests, tails: new WorkerTails(channel, name, (listener) => requests.follow(listener)), leave };
}

/** Until everything has been told that was sent. */
async function told(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

it('a tail has the requests of all workers, until it is left', async () => {
  const crew = new Crew();
  const [first, second] = [worker(crew, 'a'), worker(crew, 'b')];
  const seen: (string | undefined)[] = [];
  const stop = first.tails.follow(({ url }) => void seen.push(url));
  await told();
  first.requests.tell(record('/here'));
  second.requests.tell(record('/there'));
  await told();
  expect(seen).toEqual(['/here', '/there']);
  stop();
  await told();
  expect(first.requests.isFollowed).toBe(false);
  expect(second.requests.isFollowed).toBe(false);
});

it('a worker that comes later tells what is followed already', async () => {
  const crew = new Crew();
  const first = worker(crew, 'a');
  const seen: (string | undefined)[] = [];
  first.tails.follow(({ url }) => void seen.push(url));
  const joined = crew.join();
  // A process takes its time before there is anything in it that could be told of a tail.
  await told();
  const second = worker(crew, 'b', joined);
  await told();
  second.requests.tell(record('/late'));
  await told();
  expect(seen).toEqual(['/late']);
});

it('nobody tells a worker that has died', async () => {
  const crew = new Crew();
  const [first, second] = [worker(crew, 'a'), worker(crew, 'b')];
  first.tails.follow(() => undefined);
  await told();
  expect(second.requests.isFollowed).toBe(true);
  first.leave('died');
  await told();
  expect(second.requests.isFollowed).toBe(false);
});
