import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Strait } from './strait.ts';

/** Answers everything with its name and what it was told. */
async function echo(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(`${name}:${chunk.toString()}`));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answer(socket: Socket, words: string): Promise<string> {
  socket.write(words);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

describe('a strait', () => {
  let servers: Server[];
  let strait: Strait;
  let sockets: Socket[];

  beforeEach(async () => {
    servers = [await echo('one'), await echo('other')];
    strait = await Strait.to(portOf(servers[0] as Server));
    sockets = [];
  });

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    strait.close();
    for (const server of servers) server.close();
  });

  const crossing = (): Socket => {
    const socket = connect(strait.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };

  it('leads elsewhere who comes after that', async () => {
    const early = crossing();
    expect(await answer(early, 'a')).toBe('one:a');
    strait.lead(portOf(servers[1] as Server));
    expect(await answer(crossing(), 'b')).toBe('other:b');
    expect(await answer(early, 'c')).toBe('one:c');
    expect(strait.crossings).toBe(2);
  });

  it('has what is said come late, in its order, and counts what was not answered meanwhile', async () => {
    const socket = crossing();
    await answer(socket, 'a');
    expect(strait.mostUnanswered).toBe(1);
    strait.lateMs = 50;
    const since = performance.now();
    const late = answer(socket, 'four');
    await expect.poll(() => strait.mostUnanswered).toBe(4);
    expect(await late).toBe('one:four');
    expect(performance.now() - since).toBeGreaterThanOrEqual(49);
    strait.lateMs = 0;
    expect(await answer(socket, 'b')).toBe('one:b');
    expect(strait.mostUnanswered).toBe(4);
  });

  it('that is cut closes what is open, and whatever comes, until it is mended', async () => {
    const early = crossing();
    await answer(early, 'a');
    strait.cut();
    await once(early, 'close');
    await once(crossing(), 'close');
    expect(strait.crossings).toBe(0);
    strait.mend();
    expect(await answer(crossing(), 'b')).toBe('one:b');
  });
});
