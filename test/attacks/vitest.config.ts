import { defineConfig } from 'vitest/config';

/** What must be survived: attacks and faults, each file one claim. They take too long for `npm test`: `npm run test:attacks`. */
export default defineConfig({
  test: {
    include: ['test/{attacks,faults}/**/*.test.ts'],
    maxWorkers: '100%',
    testTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
  },
});
