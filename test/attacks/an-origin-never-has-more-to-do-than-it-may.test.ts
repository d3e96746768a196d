import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Barriers } from '../harness/barriers.ts';
import { describedBy, describedContent } from '../harness/described-content.ts';
import { askAll, countedAnswers } from '../harness/many-requests.ts';
import { overBothLanes, proxyStage, type ProxyStage } from '../harness/proxy-stage.ts';
import type { RawClient } from '../harness/raw-client.ts';
import { responseWith, type SeenRequest } from '../harness/recording-origin.ts';
import type { StrictMessage } from '../harness/strict-messages.ts';

const connections = 64;
const queue = 500;

const misses = (count: number): string[] => Array.from({ length: count }, (_, index) => `/miss/${index}`);

const described = ({ target, index }: SeenRequest): string =>
  responseWith(describedContent({ url: target, variant: '', user: '', generation: index }), [
    'Cache-Control: max-age=60',
  ]);

const open = ({ origin }: ProxyStage): number => origin.connections.filter(({ socket }) => !socket.closed).length;

overBothLanes(() => {
  describe('of many misses at once', () => {
    test(`${connections} are at the origin and ${queue} wait; the rest is told at once to come again, and the wait of others is not theirs`, async () => {
      const barriers = new Barriers();
      let most = 0;
      const stage = await proxyStage(
        async (request) => {
          most = Math.max(most, open(stage));
          await barriers.reached('answer');
          return described(request);
        },
        // Nobody is refused for the time that this machine takes.
        {
          limits: {
            originConnections: connections,
            originQueue: queue,
            originQueueTimeoutMs: 120_000,
            originHeadTimeoutMs: 120_000,
          },
        },
      );
      // Each on a connection of its own, so that what is refused is there while all others wait.
      const refused: string[] = [];
      const count = 1_500;
      const clients: RawClient[] = [];
      for (const target of misses(count)) {
        const client = stage.begin(target);
        void client.answered().then(() => {
          if (client.received.startsWith('HTTP/1.1 503')) refused.push(client.received);
          if (refused.length === count - connections - queue) barriers.open('all refused');
        });
        // The system has room for some hundreds that connect.
        if (clients.push(client) % 200 === 0) await once(client.socket, 'connect');
      }
      await barriers.reached('all refused');
      expect(stage.origin.seen).toHaveLength(connections);
      barriers.open('answer');
      await Promise.all(clients.map(({ closed }) => closed));
      for (const each of refused) expect(each).toMatch(/\r\nRetry-After: 1\r\n/i);
      const answered = clients.filter(({ received }) => received.startsWith('HTTP/1.1 200'));
      expect(answered).toHaveLength(connections + queue);
      expect([most, stage.origin.seen.length]).toEqual([connections, connections + queue]);
      expect(stage.origin.faults()).toEqual([]);
    });

    test('behind one another on few connections, each gets its own content or is told to come again', async () => {
      let most = 0;
      const stage = await proxyStage(
        (request) => {
          most = Math.max(most, open(stage));
          return described(request);
        },
        { limits: { originConnections: connections, originQueue: queue } },
      );
      const targets = misses(5_000);
      const responses = await askAll(stage, targets);
      const isOther = ({ startLine, content }: StrictMessage, index: number): boolean =>
        startLine.startsWith('HTTP/1.1 200') && describedBy(content).url !== targets[index];
      expect(responses.filter(isOther)).toEqual([]);
      const counts = countedAnswers(responses);
      expect(most).toBeLessThanOrEqual(connections);
      expect(counts['200']).toBe(stage.origin.seen.length);
      expect((counts['200'] ?? 0) + (counts['503, again in 1 s'] ?? 0)).toBe(targets.length);
    });
  });

  test('what is stored is answered while the origin has all that it may', async () => {
    const barriers = new Barriers();
    const stage = await proxyStage(
      async (request) => {
        if (request.target !== '/stored') await barriers.reached('answer');
        return described(request);
      },
      { limits: { originConnections: 2, originQueue: 0 } },
    );
    await stage.get('/stored');
    const waiting = [1, 2].map((index) => stage.get(`/wait/${index}`));
    await stage.origin.requests(3);
    expect((await stage.get('/stored')).field('cache-status')).toContain('; hit');
    expect((await stage.get('/more')).field('cache-status')).toContain('detail=origin-busy');
    barriers.open('answer');
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
