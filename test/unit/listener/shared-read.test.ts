import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readShared } from '../../../src/listener/shared-read.ts';
import { afterwards, nextTurn } from './stage.ts';

/** A server whose sockets are read by `readShared`, and a client of it. */
async function stage(prepare: (accepted: Socket) => void = () => undefined): Promise<{
  client: Socket;
  accepted: Socket;
  taken: Socket;
  received: string[];
  closed: Promise<unknown>;
}> {
  const received: string[] = [];
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepting = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await accepting) as [Socket];
  prepare(accepted);
  const taken = readShared(accepted, (bytes) => void received.push(bytes.toString()));
  const closed = once(server, 'close');
  afterwards(async () => {
    client.destroy();
    taken.destroy();
    await closed;
  });
  server.close();
  return { client, accepted, taken, received, closed };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

describe('a connection that is read into the shared buffer', () => {
  it('is read, written to, paused, and told of its end', async () => {
    const { client, accepted, taken, received } = await stage();
    expect(taken).not.toBe(accepted);
    client.write('one');
    await until(() => received.length === 1);
    taken.pause();
    client.write('two');
    taken.write('answer');
    expect(String((await once(client, 'data'))[0])).toBe('answer');
    expect(received).toEqual(['one']);
    taken.resume();
    await until(() => received.length === 2);
    expect(received).toEqual(['one', 'two']);
    const ended = once(taken, 'end');
    client.end();
    await ended;
    taken.end('last');
    expect(String((await once(client, 'data'))[0])).toBe('last');
  });

  it('is still a connection of its server, which waits for it and no longer', async () => {
    const { taken, closed } = await stage();
    let over = false;
    void closed.then(() => {
      over = true;
    });
    await nextTurn();
    expect(over).toBe(false);
    taken.destroy();
    await closed;
  });

  it('is read as any other where its inside is not as expected', async () => {
    const { client, accepted, taken, received } = await stage((socket) => Reflect.set(socket, '_server', null));
    expect(taken).toBe(accepted);
    client.write('one');
    await until(() => received.length === 1);
    expect(received).toEqual(['one']);
    // The server would wait for ever for a connection that it can't see any more.
    Reflect.set(accepted, '_server', Reflect.get(accepted, 'server'));
  });
});
