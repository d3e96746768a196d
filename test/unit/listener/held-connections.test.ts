import { expect, it } from 'vitest';
import { overBothLanes, stage } from './stage.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const answered = (received: string): boolean => received.endsWith('hello');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

overBothLanes(() => {
  it('a new connection is not read while it is held, those that are open go on, and it is answered when it is let in', async () => {
    const { listener, client, exchanges } = await stage();
    const open = client();
    open.send(get);
    await open.until(answered);
    listener.hold();
    const held = client();
    held.send(get);
    while (listener.openConnections < 2) await nextTurn();
    open.send(get);
    await open.until((received) => received.split('hello').length === 3);
    expect([exchanges.length, held.received]).toEqual([2, '']);
    listener.admit();
    await held.until(answered);
    expect(exchanges).toHaveLength(3);
    // Let in, it is like any other: what ended its wait does not end it.
    held.send(get);
    await held.until((received) => received.split('hello').length === 3);
    expect(listener.openConnections).toBe(2);
  });

  it('a connection that is held too long is closed, and takes no place', async () => {
    const { listener, client, exchanges } = await stage(undefined, { clientHeadTimeoutMs: 50, clientConnections: 1 });
    listener.hold();
    const held = client();
    held.send(get);
    await held.closed;
    expect([held.received, exchanges.length]).toEqual(['', 0]);
    listener.admit();
    const next = client();
    next.send(get);
    await next.until(answered);
  });

  it('more are not held than there may be connections', async () => {
    const { listener, client } = await stage(undefined, { clientConnections: 1 });
    listener.hold();
    const held = client();
    while (listener.openConnections < 1) await nextTurn();
    await client().closed;
    expect(held.socket.closed).toBe(false);
  });

  it('the end does not wait for those that are held', async () => {
    const { listener, client } = await stage(undefined, { drainTimeoutMs: 60_000 });
    listener.hold();
    const held = client();
    while (listener.openConnections < 1) await nextTurn();
    await listener.close();
    await held.closed;
    while (listener.openConnections > 0) await nextTurn();
    expect(held.socket.closed).toBe(true);
  });
});
