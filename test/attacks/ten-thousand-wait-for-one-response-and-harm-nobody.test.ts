import { describe, expect, test } from 'vitest';
import { Barriers } from '../harness/barriers.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { askAll, countedAnswers } from '../harness/many-requests.ts';
import { proxyStage } from '../harness/proxy-stage.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import { RequestsUnderWay } from '../harness/requests-under-way.ts';

/** So that nobody is refused for the time that this machine takes. */
const patient = {
  originQueueTimeoutMs: 120_000,
  originHeadTimeoutMs: 120_000,
  followerTimeoutMs: 120_000,
  overloadDelayMs: 0,
};

const described = ({ target, index }: SeenRequest, control: string): string =>
  responseWith(describedContent({ url: target, variant: '', user: '', generation: index }), [
    `Cache-Control: ${control}`,
  ]);

/** Over node:http 64 requests of a connection are begun at once, over the fast lane one. */
const crowds = [
  { lane: 'node:http', fastLane: false, waiters: 10_000, perConnection: 64 },
  { lane: 'the fast lane', fastLane: true, waiters: 1_500, perConnection: 1 },
] as const;

describe.each(crowds)('$waiters waiters over $lane', ({ fastLane, waiters, perConnection }) => {
  const targets = Array.from({ length: waiters }, () => '/hot');

  test('one that comes answers all of them, and the origin is asked once', async () => {
    const barriers = new Barriers();
    const stage = await proxyStage(
      async (request) => {
        await barriers.reached('answer');
        return described(request, 'max-age=60');
      },
      { fastLane, limits: patient },
    );
    const underWay = new RequestsUnderWay();
    const all = askAll(stage, targets, perConnection);
    await underWay.begun(waiters);
    barriers.open('answer');
    const responses = await all;
    expect(countedAnswers(responses)).toEqual({ 200: waiters });
    expect(new Set(responses.map(({ content }) => describedBy(content).generation))).toEqual(new Set([0]));
    expect(stage.origin.seen).toHaveLength(1);
  });

  test('one that never comes: after a bounded wait a few ask themselves, and the rest is told to come again', async () => {
    const stage = await proxyStage(() => undefined, {
      fastLane,
      limits: { ...patient, followerTimeoutMs: 300, maxFanOut: 5 },
    });
    const underWay = new RequestsUnderWay();
    const all = askAll(stage, targets, perConnection);
    await underWay.ended(waiters - 6);
    expect(stage.origin.seen).toHaveLength(6);
    for (const { socket } of stage.origin.connections) socket.destroy();
    expect(countedAnswers(await all)).toEqual({ 502: 6, '503, again in 1 s': waiters - 6 });
  });

  test('an origin that closes the connection is asked once for all of them', async () => {
    const stage = await proxyStage(() => undefined, { fastLane, limits: patient });
    const underWay = new RequestsUnderWay();
    const all = askAll(stage, targets, perConnection);
    await underWay.begun(waiters);
    await stage.origin.requests(1);
    for (const { socket } of stage.origin.connections) socket.destroy();
    expect(countedAnswers(await all)).toEqual({ 502: waiters });
    expect(stage.origin.seen).toHaveLength(1);
  });

  test('one that turns out private goes to one of them; as many as may ask the origin, and the rest is told to come again', async () => {
    const barriers = new Barriers();
    let most = 0;
    const stage = await proxyStage(
      async (request) => {
        most = Math.max(most, stage.origin.connections.filter(({ socket }) => !socket.closed).length);
        await barriers.reached('answer');
        return described(request, 'private, max-age=60');
      },
      { fastLane, limits: { ...patient, originConnections: 16, originQueue: 100 } },
    );
    const underWay = new RequestsUnderWay();
    const all = askAll(stage, targets, perConnection);
    await underWay.begun(waiters);
    barriers.open('answer');
    const responses = await all;
    const own = responses.filter(({ startLine }) => startLine.startsWith('HTTP/1.1 200'));
    const generations = own.map(({ content }) => describedBy(content).generation);
    expect(new Set(generations).size).toBe(own.length);
    expect(own).toHaveLength(stage.origin.seen.length);
    // The one that has come is at the origin still, as its content is.
    expect(countedAnswers(responses)).toEqual({ 200: 16 + 100, '503, again in 1 s': waiters - 16 - 100 });
    expect(most).toBe(16);
  });
});
