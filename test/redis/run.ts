/**
 * What a shelf in Redis promises, held against Debian's Redis, alone and as a cluster of three, of six while one fails: `npm run test:redis`. Where it can't be had this says so and ends well,
 * but not where `CI` is set.
 */
import { fileURLToPath } from 'node:url';
import { installed } from '../peers/packages.ts';
import { runProgram } from '../run-program.ts';
import { redisServer } from './redis-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const testsMs = 10 * 60_000;

const [found] = await installed([redisServer]);
if (found === undefined) {
  console.error('SKIPPED  nothing was held against Redis: there is none here (apt-get install redis-server)');
  process.exitCode = (process.env['CI'] ?? '') === '' ? 0 : 1;
} else {
  const args = ['vitest', 'run', '--config', 'test/redis/vitest.config.ts'];
  console.log(await runProgram('npx', args, { cwd: root, withinMs: testsMs }));
}
