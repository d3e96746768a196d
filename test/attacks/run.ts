/**
 * What must be survived: attacks and faults, each of which is a claim of its own: `npm run test:attacks`, with `-- smuggl` for those whose file has that word. Where Debian's Redis can't be had,
 * what is about it is skipped, and fails where `CI` is set.
 */
import { fileURLToPath } from 'node:url';
import { installed } from '../peers/packages.ts';
import { runProgram } from '../run-program.ts';
import { redisServer } from '../redis/redis-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const testsMs = 20 * 60_000;

const [found] = await installed([redisServer]);
const args = ['vitest', 'run', '--config', 'test/attacks/vitest.config.ts', ...process.argv.slice(2)];
console.log(await runProgram('npx', args, { cwd: root, withinMs: testsMs }));
if (found === undefined) {
  console.error('SKIPPED  nothing was held against Redis: there is none here (apt-get install redis-server)');
  process.exitCode = (process.env['CI'] ?? '') === '' ? 0 : 1;
}
