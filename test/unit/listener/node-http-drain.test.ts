import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/http/fields.ts';
import { RawClient } from '../../harness/raw-client.ts';
import { hellos, nextTurn, respond, stage, overBothLanes } from './stage.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

overBothLanes(() => {
  describe('close', () => {
    it('closes idle connections and accepts no more', async () => {
      const { listener, client, port } = await stage();
      const [idle, unused] = [client(), client()];
      idle.send(get);
      await idle.until(hellos(1));
      await listener.close();
      await Promise.all([idle.closed, unused.closed]);
      const late = new RawClient(port);
      await late.closed;
      expect([late.reset, late.received]).toEqual([true, '']);
    });

    it('lets a request that has begun come, and answers it as the last on its connection', async () => {
      const { listener, client } = await stage();
      const [begun, served] = [client(), client()];
      begun.send('GET / HTTP/1.1\r\n');
      served.send(get);
      await served.until(hellos(1));
      const closed = listener.close();
      await served.closed;
      begun.send('Host: a\r\n\r\n');
      await begun.closed;
      await closed;
      expect(begun.received).toMatch(/\r\nconnection: close\r\n/i);
      expect(begun.received.endsWith('hello')).toBe(true);
    });

    it('answers what had reached this machine before, though it was not read yet, as the last on its connection', async () => {
      const { listener, client } = await stage();
      const clients = Array.from({ length: 20 }, () => client());
      for (const asking of clients) asking.send(get);
      for (const asking of clients) await asking.until(hellos(1));
      // Written at once to the other end, which is read in a later turn.
      for (const asking of clients) asking.send(get);
      await listener.close();
      for (const asking of clients) {
        await asking.closed;
        expect(asking.received.split('hello')).toHaveLength(3);
        expect(asking.received).toMatch(/\r\nconnection: close\r\n/i);
      }
    });

    it('waits for an answer under way, whether its head is out or not', async () => {
      const { listener, client, exchanges } = await stage(() => undefined);
      const clients = [client(), client()];
      for (const asking of clients) asking.send(get);
      while (exchanges.length < 2) await nextTurn();
      const [headed, unanswered] = exchanges;
      headed?.sink.head({ status: 200, fields: fieldsOf(['content-length', '5']) });
      let over = false;
      const closed = listener.close().then(() => {
        over = true;
      });
      await nextTurn();
      expect(over).toBe(false);
      headed?.sink.write(Buffer.from('hello'));
      headed?.sink.end();
      if (unanswered !== undefined) respond('hello')(unanswered);
      await closed;
      await Promise.all(clients.map((asking) => asking.closed));
      for (const asking of clients) expect(asking.received.endsWith('\r\n\r\nhello')).toBe(true);
    });

    it('gives up what is not over in time', async () => {
      const { listener, client, exchanges } = await stage(() => undefined, { drainTimeoutMs: 1 });
      const asking = client();
      asking.send(get);
      while (exchanges.length < 1) await nextTurn();
      await listener.close();
      await asking.closed;
      expect(asking.received).toBe('');
    });

    it('may be called twice, and before listen', async () => {
      const { listener } = await stage();
      await expect(Promise.all([listener.close(), listener.close()])).resolves.toHaveLength(2);
    });
  });

  describe('retire', () => {
    it('answers the next request on an idle connection, as the last, and accepts no more', async () => {
      const { listener, client, port } = await stage();
      const idle = client();
      idle.send(get);
      await idle.until(hellos(1));
      const retired = listener.retire();
      const late = new RawClient(port);
      await late.closed;
      expect([late.reset, late.received]).toEqual([true, '']);
      idle.send(get);
      await idle.closed;
      await retired;
      expect(idle.received.match(/hello/g)).toHaveLength(2);
      expect(idle.received.match(/\r\nconnection: close\r\n/gi)).toHaveLength(1);
      expect(idle.reset).toBe(false);
    });

    it('answers one more request where the answer under way did not say that it is the last', async () => {
      const { listener, client, exchanges } = await stage(() => undefined);
      const asking = client();
      asking.send(get);
      while (exchanges.length < 1) await nextTurn();
      const sink = exchanges[0]?.sink;
      sink?.head({ status: 200, fields: fieldsOf(['content-length', '5']) });
      sink?.write(Buffer.from('hel'));
      await asking.until((received) => received.endsWith('hel'));
      const retired = listener.retire();
      sink?.write(Buffer.from('lo'));
      sink?.end();
      await asking.until(hellos(1));
      asking.send(get);
      while (exchanges.length < 2) await nextTurn();
      if (exchanges[1] !== undefined) respond('hello')(exchanges[1]);
      await asking.closed;
      await retired;
      expect(asking.received.match(/hello/g)).toHaveLength(2);
    });

    it('is over at once when it is closed meanwhile', async () => {
      const { listener, client } = await stage();
      const idle = client();
      idle.send(get);
      await idle.until(hellos(1));
      const retired = listener.retire();
      await listener.close();
      await retired;
      await idle.closed;
      expect(idle.received.match(/hello/g)).toHaveLength(1);
    });
  });

  describe('listen', () => {
    it('rejects where the address is taken', async () => {
      const { port } = await stage();
      const { listener } = await stage();
      await listener.close();
      await expect(listener.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    });
  });

  describe('several addresses', () => {
    it('are heard with one limit for the connections of all', async () => {
      const { client, listener } = await stage(undefined, { clientConnections: 1 });
      const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
      const second = client(port);
      second.send(get);
      await second.until(hellos(1));
      const first = client();
      await first.closed;
      expect(first.received).toBe('');
    });

    it('are left together, and what is under way on a connection goes on', async () => {
      const { client, listener } = await stage();
      const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
      const connected = client(port);
      connected.send(get);
      await connected.until(hellos(1));
      listener.unlisten();
      await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed');
      connected.send(get);
      await connected.until(hellos(2));
    });
  });

  describe('connections', () => {
    it('are counted while they are open, whatever they carry', async () => {
      const { client, listener } = await stage();
      expect(listener.openConnections).toBe(0);
      const [busy, silent] = [client(), client()];
      busy.send(get);
      await busy.until(hellos(1));
      while (listener.openConnections < 2) await nextTurn();
      expect(listener.openConnections).toBe(2);
      for (const { socket } of [busy, silent]) socket.destroy();
      while (listener.openConnections > 0) await nextTurn();
      expect(listener.openConnections).toBe(0);
    });

    it('more than allowed are closed at once', async () => {
      const { client } = await stage(undefined, { clientConnections: 1 });
      const first = client();
      first.send(get);
      await first.until(hellos(1));
      const second = client();
      await second.closed;
      expect(second.received).toBe('');
      first.send(get);
      await first.until(hellos(2));
    });

    it('leave a place that is free again', async () => {
      const { client } = await stage(undefined, { clientConnections: 1 });
      let answered = 0;
      for (let visit = 0; visit < 200 && answered < 3; visit++) {
        const asking = client();
        asking.send(get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
        await asking.closed;
        // A client sees the end of its connection before the listener does: one that comes too soon is not let in.
        if (asking.received !== '') answered++;
      }
      expect(answered).toBe(3);
    });
  });
});
