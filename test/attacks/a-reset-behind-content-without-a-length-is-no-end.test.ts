import { expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage } from '../harness/proxy-stage.ts';
import { readResponses } from '../harness/strict-messages.ts';

overBothLanes(() => {
  onShelves(['memory', 'disk'], () => {
    test('content that ends with its connection is not whole where that is reset, however close behind its last byte', async () => {
      const stage = await proxyStage(({ connection }) => {
        const bytes = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n\r\nhalf of it';
        connection.socket.write(bytes, () => connection.socket.resetAndDestroy());
        return undefined;
      });
      for (let count = 1; count <= 3; count++) {
        const received = await stage.ask('/a');
        expect(
          readResponses(received, ['GET']).messages.filter(({ startLine }) => startLine.includes(' 200 ')),
        ).toEqual([]);
        // Nothing was stored of it: each request asks again.
        expect(stage.origin.seen.length).toBeGreaterThanOrEqual(count);
      }
    });
  });
});
