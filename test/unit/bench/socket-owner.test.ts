import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { holdsOtherEnd, inodesOfOtherEnds } from '../../bench/socket-owner.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0000 100 0 0 10 0
   1: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0000 100 0 0 10 0
   2: 0100007F:1F91 0100007F:9C40 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0000
   3: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0000 100 0 0 10 0
`;

describe('the other end of a connection', () => {
  it('is where this end is the far one', () => {
    expect(inodesOfOtherEnds(table, 0x9c40)).toEqual(['0', '333']);
    expect(inodesOfOtherEnds(table, 0x9c41)).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/net/tcp'))('belongs to the process that has accepted it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    const port = socket.localPort ?? 0;
    expect([holdsOtherEnd(process.pid, port), holdsOtherEnd(process.ppid, port)]).toEqual([true, false]);
    socket.destroy();
    (accepted as typeof socket).destroy();
    server.close();
  });
});
