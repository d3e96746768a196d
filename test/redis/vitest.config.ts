import { defineConfig } from 'vitest/config';

/** What a shelf in Redis promises. It takes too long for `npm test`, and wants a server: `npm run test:redis`. */
export default defineConfig({
  test: {
    include: ['test/redis/*.test.ts', 'test/integration/shelf-in-redis.test.ts'],
    maxWorkers: '100%',
    testTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
  },
});
