import { expect, test } from 'vitest';
import { onShelves, overBothLanes, proxyStage, shelves } from '../harness/proxy-stage.ts';
import { responseWith } from '../harness/recording-origin.ts';
import { readResponses } from '../harness/strict-messages.ts';

const lines = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\n';

overBothLanes(() => {
  onShelves(shelves, () => {
    /** RFC 9112 §8: of content without a length nobody knows whether it was all. */
    test.each([
      ['with a length', `${lines}Content-Length: 10\r\n\r\nabc`],
      ['in chunks', `${lines}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`],
      ['without the last of its chunks', `${lines}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n`],
      ['that was to end with its connection', `${lines}\r\nabc`],
    ])('inside a response %s: it has no end, and is not stored', async (_, bytes) => {
      const stage = await proxyStage(({ index }) =>
        index === 0 ? bytes : responseWith('good', ['Cache-Control: max-age=600']),
      );
      const client = stage.begin('/a');
      await client.until((received) => received.includes('abc'));
      stage.origin.connections[0]?.socket.resetAndDestroy();
      await client.answered();
      // However the connection to the client has ended: what it got says that more was to come.
      expect(readResponses(client.received, ['GET'], true).messages).toEqual([]);
      for (let times = 0; times < 2; times++) expect((await stage.get('/a')).content).toBe('good');
      expect(stage.origin.seen.length).toBe(2);
    });
  });
});
