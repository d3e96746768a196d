import { defineConfig } from 'vitest/config';

/** Tests that leave nothing behind: what they begin or replace is over with each of them. */
const tidyUnits = [
  'admin',
  'bench',
  'cli',
  'config',
  'conformance',
  'engine',
  'explain',
  'http',
  'key',
  'observe',
  'origin',
  'play',
  'policy',
  'probe',
  'scoreboard',
  'store',
  'workers',
];
const tidy = [
  `test/unit/{${tidyUnits.join()}}/**/*.test.ts`,
  'test/{property,store}/**/*.test.ts',
  'test/unit/errors.test.ts',
  'test/architecture.test.ts',
  'test/documentation-links.test.ts',
];

/** They have scripts of their own: `npm run test:attacks`, `npm run test:redis`. */
const ofOtherScripts = ['test/{attacks,faults,redis}/**', 'test/integration/shelf-in-redis.test.ts'];

/** How vitest runs the tests: tidy ones in one process for each core, as a new process takes longer than most of these files; all others in one for each file. */
export default defineConfig({
  test: {
    // Vitest itself would leave one core alone, of which there may be two.
    maxWorkers: '100%',
    testTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'tidy', isolate: false, include: tidy } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [...tidy, ...ofOtherScripts] } },
    ],
  },
});
