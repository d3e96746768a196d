/**
 * What a shelf in Redis promises, held against Debian's Redis, alone and as a cluster of three, of six while one fails: `npm run test:redis`. Then the built command under load while Redis has one
 * trouble after the other, fifty of them; `-- --times 2` for ten, `--rate` requests a second, `--seed N` for the same order again, `--only troubles` or `--only tests` for one part. Where Redis can't
 * be had this says so and ends well, but not where `CI` is set.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installed } from '../peers/packages.ts';
import { runProgram } from '../run-program.ts';
import { troublesUnderLoad } from './troubles-under-load.ts';
import { redisServer } from './redis-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const testsMs = 10 * 60_000;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    rate: { type: 'string', default: '50' },
    lookup: { type: 'string', default: '50ms' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    only: { type: 'string' },
  },
});

const [found] = await installed([redisServer]);
if (found === undefined) {
  console.error('SKIPPED  nothing was held against Redis: there is none here (apt-get install redis-server)');
  process.exit((process.env['CI'] ?? '') === '' ? 0 : 1);
}
if (values.only !== 'troubles') {
  const args = ['vitest', 'run', '--config', 'test/redis/vitest.config.ts'];
  console.log(await runProgram('npx', args, { cwd: root, withinMs: testsMs }));
}
if (values.only !== 'tests') {
  // Each server that runs is ended with this process.
  process.setMaxListeners(50);
  const [times = 0, rate = 0, seed = 0] = [values.times, values.rate, values.seed].map(Number);
  const { report, failures } = await troublesUnderLoad({ times, rate, seed, lookup: values.lookup });
  console.log(report);
  for (const failure of failures) console.error(`FAILED  ${failure}`);
  console.log(failures.length === 0 ? 'PASSED' : `FAILED  ${failures.length} times`);
  process.exit(failures.length === 0 ? 0 : 1);
}
