/**
 * Asks the registry whether what is installed with Etagere has holes that are known, of high severity or worse: `npm run audit`. Fails for each; where the registry serves no audits it says so, and does not.
 * Arguments go to npm.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readAudit } from './audit.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// A registry that does not answer is not waited for: npm itself would try for many minutes.
const patience = ['--fetch-timeout=20000', '--fetch-retries=1'];
const args = ['audit', '--omit=dev', '--audit-level=high', '--json', ...patience, ...process.argv.slice(2)];
const { stdout, error } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
if (error !== undefined) throw error;
const audit = readAudit(stdout);
if (audit.kind === 'not-audited') {
  console.error(`NOT AUDITED  nobody says whether the dependencies have holes that are known: ${audit.reason}`);
} else {
  for (const hole of audit.holes) console.error(`HOLE  ${hole}`);
  console.log(`${audit.holes.length} holes of high severity or worse are known in what is installed with Etagere`);
  process.exitCode = audit.holes.length === 0 ? 0 : 1;
}
