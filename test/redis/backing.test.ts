import { afterAll, beforeAll, describe } from 'vitest';
import { backingContract } from '../store/backing-contract.ts';
import { groundAt } from './redis-ground.ts';
import { hasRedis, RedisProcess } from './redis-server.ts';

describe.skipIf(!hasRedis)('with a Redis', () => {
  let server: RedisProcess;

  beforeAll(async () => {
    server = await RedisProcess.start();
  });

  afterAll(() => server.stop());

  backingContract('Redis', () => groundAt(server.url));
});
