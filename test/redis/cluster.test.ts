import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Order } from '../../src/store/orders.ts';
import type { RedisBacking } from '../../src/store/redis/backing.ts';
import { slotOf } from '../../src/store/redis/slots.ts';
import { backingContract } from '../store/backing-contract.ts';
import { placeOf, putRecord } from '../store/ground.ts';
import { isInCharge } from './redis-cluster.ts';
import { groundAt, RedisGround } from './redis-ground.ts';
import { type RedisProcess, startCluster } from './redis-server.ts';

const all: Order = { kind: 'purge', selection: { kind: 'all' } };

function urlOf(servers: readonly RedisProcess[]): string {
  return `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join()}`;
}

/** Asks again until it is so: a cluster takes its time, and says to nobody when it is done. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a cluster of Redis', () => {
  let servers: RedisProcess[] = [];

  beforeAll(async () => {
    servers = await startCluster(3, 0);
  });

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  backingContract('a cluster of Redis', async () => ({ ...(await groundAt(urlOf(servers))), isApart: true }));

  it('has each row where all others look for it', async () => {
    const ground = new RedisGround(urlOf(servers.slice(0, 1)));
    const backing = await ground.join();
    for (let row = 0; row < 30; row++) await putRecord(backing, placeOf(row), `head ${row}`);
    const other = await new RedisGround(urlOf(servers.slice(2))).join();
    expect(other.stats().isUp).toBe(true);
    const there = await ground.join();
    for (let row = 0; row < 30; row++) expect((await there.at(placeOf(row)))?.head.toString()).toBe(`head ${row}`);
    expect(servers.map((server) => Number(server.ask('dbsize')) > 5)).toEqual([true, true, true]);
    await other.close();
    await ground.close();
  });

  it('is followed where its slots go, and while they do', async () => {
    const ground = new RedisGround(urlOf(servers));
    const backing = await ground.join();
    const { row } = placeOf(7);
    await putRecord(backing, placeOf(7), 'head', 'content');
    const slot = String(slotOf(`${ground.prefix}{${row}}`));
    const ids = servers.map((server) => server.ask('cluster', 'myid'));
    const from = servers.findIndex((server) => server.ask('cluster', 'countkeysinslot', slot) !== '0');
    const to = (from + 1) % servers.length;
    servers[to]?.ask('cluster', 'setslot', slot, 'importing', ids[from] ?? '');
    servers[from]?.ask('cluster', 'setslot', slot, 'migrating', ids[to] ?? '');
    const keys = servers[from]?.ask('cluster', 'getkeysinslot', slot, '10').split('\n') ?? [];
    servers[from]?.ask('migrate', '127.0.0.1', String(servers[to]?.port), '', '0', '5000', 'keys', ...keys);
    expect((await backing.row(row)).lying.map(({ head }) => head.toString())).toEqual(['head']);
    for (const server of servers) server.ask('cluster', 'setslot', slot, 'node', ids[to] ?? '');
    expect((await backing.row(row)).lying.map(({ head }) => head.toString())).toEqual(['head']);
    expect(await putRecord(backing, placeOf(7), 'another')).toBe(true);
    await ground.close();
  });
});

describe('a cluster of Redis whose servers have replicas', () => {
  let servers: RedisProcess[] = [];

  beforeAll(async () => {
    servers = await startCluster(3, 1);
  });

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('is used on when one that is in charge is killed, with orders given before and after', async () => {
    const ground = new RedisGround(urlOf(servers), { lookupMs: 1000, workMs: 2000, connectMs: 1000, silentMs: 1000 });
    const instances: RedisBacking[] = [await ground.join('a'), await ground.join('b')];
    const [a, b] = instances;
    if (a === undefined || b === undefined) throw new Error('no instances');
    b.log.listen(() => {});
    const slot = slotOf(`${ground.prefix}{orders}`);
    const before = (await a.log.append(all)).number;
    const isOne = await Promise.all(servers.map((server) => isInCharge(server, slot)));
    const inCharge = servers[isOne.indexOf(true)];
    expect(inCharge).toBeDefined();
    const idle = servers.filter((server) => server !== inCharge && server.ask('role').startsWith('slave'));
    const connections = (): number[] =>
      idle.map((server) => Number(/total_connections_received:(\d+)/.exec(server.ask('info', 'stats'))?.[1]));
    const begun = connections();
    await inCharge?.kill();
    let after = 0;
    await until(async () => {
      after = (await a.log.append(all)).number;
      return true;
    });
    expect(after).toBeGreaterThan(before);
    await until(async () => (await b.log.since(0)).orders.some(({ number }) => number === after));
    expect((await b.log.since(0)).orders.map(({ number }) => number)).toEqual([before, after]);
    await until(() => putRecord(a, placeOf(1), 'head'));
    await until(async () => (await b.row(placeOf(1).row)).lying.length === 1);
    await until(async () =>
      (await (await a.log.append(all)).heard).some(({ instance, ms }) => instance === 'b' && ms !== undefined),
    );
    // Who is in charge was asked of those that are, again and again: of the others, one is in charge by now, and two were left alone but for what this test has asked.
    const more = connections().map((count, i) => count - (begun[i] ?? 0));
    expect(more.filter((count) => count <= 2)).toHaveLength(2);
    await ground.close();
  });
});
