/**
 * The page for Prometheus, and the queries and alerts of its documentation, in the eyes of Debian's promtool: `npm run test:promtool`. `npm test` skips these claims where it is not
 * installed. Where it can't be had this says so and ends well, but not where `CI` is set.
 */
import { fileURLToPath } from 'node:url';
import { installed } from '../peers/packages.ts';
import { runProgram } from '../run-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const testsMs = 5 * 60_000;

const [found] = await installed([{ debianPackage: 'prometheus', program: '/usr/bin/promtool' }]);
if (found === undefined) {
  console.error('SKIPPED  metrics were not held against promtool: there is none here (apt-get install prometheus)');
  process.exitCode = (process.env['CI'] ?? '') === '' ? 0 : 1;
} else {
  const args = ['run', '--silent', 'unit', '--', 'observe/metrics', '--testNamePattern', 'promtool'];
  console.log(await runProgram('npm', args, { cwd: root, withinMs: testsMs }));
}
