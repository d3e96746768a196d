import { expect, test } from 'vitest';
import { askAll, countedAnswers } from '../harness/many-requests.ts';
import { overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';

const targets = Array.from({ length: 500 }, (_, index) => `/${index}`);

/** So that nobody is refused for the time that this machine takes. */
const limits = { originQueueTimeoutMs: 120_000, overloadDelayMs: 0 };

overBothLanes(() => {
  test('that closes each connection without an answer: once for each request', async () => {
    const stage = await proxyStage(
      ({ connection }) => {
        connection.socket.destroy();
        return undefined;
      },
      { limits },
    );
    expect(countedAnswers(await askAll(stage, targets))).toEqual({ 502: targets.length });
    expect(stage.origin.seen.map(({ target }) => target).toSorted()).toEqual(targets.toSorted());
  });

  test('that closes each connection at its second request: that one is sent once more, and no request three times', async () => {
    const answered = new Set<unknown>();
    const stage = await proxyStage(
      ({ connection }) => {
        if (answered.has(connection)) {
          connection.socket.destroy();
          return undefined;
        }
        answered.add(connection);
        return responseWith('first on its connection');
      },
      { limits },
    );
    const counts = countedAnswers(await askAll(stage, targets));
    const times = new Map<string, number>();
    for (const { target } of stage.origin.seen) times.set(target, (times.get(target) ?? 0) + 1);
    expect(Math.max(...times.values())).toBe(2);
    expect((counts['200'] ?? 0) + (counts['502'] ?? 0)).toBe(targets.length);
  });

  test('a request that may have been carried out is not sent again', async () => {
    let requests = 0;
    const stage = await proxyStage(({ connection }) => {
      if (++requests === 1) return responseWith('kept');
      connection.socket.destroy();
      return undefined;
    });
    await stage.get('/');
    expect((await stage.get('/order', ['Content-Length: 0'], 'POST')).status).toBe(502);
    expect(stage.origin.seen.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(stage.origin.connections).toHaveLength(1);
  });

  test('500 for all: each request is at the origin once, and nothing of it is stored', async () => {
    const stage = await proxyStage(() => responseWith('broken', [], '500 Internal Server Error'), { limits });
    expect(countedAnswers(await askAll(stage, targets))).toEqual({ 500: targets.length });
    expect(stage.origin.seen).toHaveLength(targets.length);
    expect((await stage.get('/0')).field('cache-status')).toContain('fwd=uri-miss');
  });
});
