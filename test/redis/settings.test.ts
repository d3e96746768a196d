import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { redisAddressOf } from '../../src/store/redis/address.ts';
import { connect } from '../../src/store/redis/connection.ts';
import { remedyOf } from '../../src/store/redis/remedy.ts';
import { placeOf, putRecord } from '../store/ground.ts';
import { certificate, certificateKey } from '../unit/origin/certificate.ts';
import { RedisGround } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';
import { StubServer } from './stub-server.ts';

/** All that is said of a shelf at that URL, which can not be used, as long as it takes until `isTried`. */
async function saidOf(url: string, isTried: () => boolean = () => true): Promise<readonly string[]> {
  const ground = new RedisGround(url);
  try {
    const backing = await ground.join();
    await expect.poll(isTried).toBe(true);
    expect(backing.stats().isUp).toBe(false);
    await expect(backing.log.beat()).rejects.toThrow(/not connected|no server of the cluster/);
    return ground.said;
  } finally {
    await ground.close();
  }
}

describe.skipIf(!hasRedis)('the settings of a shelf', () => {
  let server: RedisProcess;
  let at: string;

  async function start(...args: readonly string[]): Promise<void> {
    await server.stop();
    server = await RedisProcess.start(...args);
    at = `127.0.0.1:${server.port}`;
  }

  /** Whether the server was asked for that three times, whatever it has answered. */
  function askedFor(command: string): () => boolean {
    return () => {
      const line = server
        .ask('info', 'commandstats')
        .match(new RegExp(`^cmdstat_${command.replace('|', '.')}:.*`, 'm'));
      const [, calls, rejected] = /calls=(\d+).*rejected_calls=(\d+)/.exec(line?.[0] ?? '') ?? [];
      return Number(calls) + Number(rejected) >= 3;
    };
  }

  beforeEach(async () => {
    server = await RedisProcess.start();
    at = `127.0.0.1:${server.port}`;
  });

  afterEach(() => server.stop());

  it.each<[string, (at: string) => string, string, string]>([
    [
      'no cluster',
      (where) => `redis+cluster://${where}`,
      'it is of no cluster: write redis:// or rediss://',
      'cluster|slots',
    ],
    ['no password', (where) => `redis://:hunter2@${where}`, 'leave user and password out of the URL', 'auth'],
    ['no such user', (where) => `redis://me:hunter2@${where}`, 'user and password in the URL are not those', 'auth'],
    ['no such database', (where) => `redis://${where}/77`, 'it has no database 77: write another number', 'select'],
  ])('are told to be wrong, once, where there is %s', async (_what, urlAt, remedy, command) => {
    const said = await saidOf(urlAt(at), askedFor(command));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`: ${at} can't be used as it is, requests go on without it (`);
    expect(said[0]).toContain(remedy);
    expect(said[0]).not.toContain('hunter2');
  });

  it('are told to be wrong, once, where there is a cluster', async () => {
    await start('--cluster-enabled', 'yes');
    for (const [url, command] of [
      [`redis://${at}`, 'exists'],
      [`redis://${at}/1`, 'select'],
    ] as const) {
      const said = await saidOf(url, askedFor(command));
      expect(said).toHaveLength(1);
      expect(said[0]).toContain('it is of a cluster: write redis+cluster:// or rediss+cluster://, without a database');
    }
    server.ask('cluster', 'addslotsrange', '0', '16383');
    expect((await saidOf(`redis://${at}`)).join()).toContain('(CROSSSLOT ');
    await expect.poll(() => server.ask('cluster', 'info'), { timeout: 20_000 }).toContain('cluster_state:ok');
    const cluster = new RedisGround(`redis+cluster://${at}`);
    expect(await putRecord(await cluster.join(), placeOf(1), 'head')).toBe(true);
    expect(cluster.said).toEqual([]);
    await cluster.close();
  });

  it('are right once the servers are those of a cluster, and that is told', async () => {
    await start('--cluster-enabled', 'yes');
    const ground = new RedisGround(`redis+cluster://${at}`);
    await ground.join();
    expect(ground.said).toEqual([expect.stringContaining('(it knows of no server that has slots)')]);
    server.ask('cluster', 'addslotsrange', '0', '16383');
    await ground.says('the cluster is in use now');
    await ground.close();
  });

  it('are told to be wrong where a password is wanted, and where it is another one', async () => {
    server.ask('config', 'set', 'requirepass', 'secret');
    expect((await saidOf(`redis://${at}`)).join()).toContain('(NOAUTH Authentication required.): it wants a password');
    expect((await saidOf(`redis://:hunter2@${at}`)).join()).toContain('are not those that it knows');
  });

  it('are enough with the permissions that are told where some are missing', async () => {
    server.ask('acl', 'setuser', 'me', 'on', '>pass', '~etagere:*', '&etagere:*', '+ping');
    const ground = new RedisGround(`redis://me:pass@${at}`);
    await ground.join();
    await ground.says('NOPERM');
    const [, permissions = ''] = /give it (.*?), with the prefix/.exec(ground.said.join()) ?? [];
    await ground.close();
    expect(permissions).toContain('+@all');
    const able = new RedisGround(`redis://me:pass@${at}`);
    server.ask('acl', 'setuser', 'me', ...permissions.replaceAll('PREFIX', able.prefix).split(' '));
    const [backing, other] = [await able.join(), await able.join()];
    expect(await putRecord(backing, placeOf(1), 'head', 'content')).toBe(true);
    expect((await backing.scan(undefined, 10)).lying).toHaveLength(1);
    expect(await backing.claims.claim('name')).toMatchObject({ kind: 'granted' });
    backing.log.listen(() => undefined);
    const { heard } = await other.log.append({ kind: 'purge', selection: { kind: 'all' } });
    expect(await heard).toHaveLength(1);
    expect(await backing.remove(placeOf(1))).toBe(true);
    expect(able.said).toEqual([]);
    await able.close();
  });

  it('may be those of TLS where there is none: what nobody answers', async () => {
    const [endpoint] = redisAddressOf(`rediss://${at}`).endpoints;
    const error = await connect(endpoint, 200, () => {}).then(
      () => new Error('it is connected'),
      (reason: Error) => reason,
    );
    expect(remedyOf(error, endpoint, false)).toBe('where its port is not for TLS, write redis:// or redis+cluster://');
    expect(remedyOf(error, endpoint, true)).toBeUndefined();
  });
});

describe('a port for TLS', () => {
  it.each([
    ['redis', 'where its port is for TLS, write rediss:// or rediss+cluster://'],
    ['rediss', 'name the file of its CA in NODE_EXTRA_CA_CERTS'],
  ])('is told from others, by what %s:// gets there, whatever Node is told to accept', async (scheme, remedy) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const server = createServer({ cert: certificate, key: certificateKey });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const said = await saidOf(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(remedy);
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });
});

describe('what a server says', () => {
  let stub: StubServer;

  beforeEach(async () => {
    stub = await StubServer.start();
  });

  afterEach(() => stub.stop());

  it.each([
    ['-ERR unknown command `AUTH`, with args beginning with: `me`, `hunter2`, \r\n', '(ERR unknown command `AUTH`)'],
    ['-ERR hunter2 is no command\r\n', '(what it says has the password in it)'],
  ])('is not told with the password in it: %s', async (answer, shown) => {
    stub.answer = () => answer;
    const said = await saidOf(stub.url.replace('//', '//me:hunter2@'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(shown);
    expect(said[0]).not.toContain('hunter2');
  });
});
