/** Real work through the built proxy: `npm run test:real`. With words, only the programs whose claim has one of them. */
import { fanIn } from './fan-in.ts';
import { firstByte } from './first-byte.ts';
import { gitClone } from './git-clone.ts';
import { largeFile } from './large-file.ts';
import {
  changedAgain,
  manyKibibytes,
  manyMebibytes,
  manySmall,
  manyStalledReaders,
  stalledReaders,
} from './memory-limit.ts';
import { npmInstall } from './npm-install.ts';
import type { RealProgram, Verdict } from './program.ts';
import { restartedAgainAndAgain } from './rolling-restarts.ts';
import {
  firstKilled,
  workerKilled,
  workerHalted,
  workersChanged,
  workersCollapse,
  workersPurged,
  workersReloaded,
  workersRestarted,
} from './workers.ts';

const programs: readonly RealProgram[] = [
  fanIn,
  firstByte,
  largeFile,
  manySmall,
  manyKibibytes,
  manyMebibytes,
  changedAgain,
  stalledReaders,
  manyStalledReaders,
  gitClone,
  npmInstall,
  workerKilled,
  firstKilled,
  workerHalted,
  workersRestarted,
  restartedAgainAndAgain,
  workersReloaded,
  workersPurged,
  workersChanged,
  workersCollapse,
];
/** The slowest program needs two or three minutes on a slow network. */
const patienceMs = 15 * 60_000;

const words = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };

for (const program of programs) {
  if (words.length === 0 || words.some((word) => program.claim.includes(word)))
    print(program, await verdictOf(program));
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
// Not `exitCode`: what a failed program still waits for keeps no one waiting.
process.exit(count.failed === 0 ? 0 : 1);

async function verdictOf(
  program: RealProgram,
): Promise<Verdict | { readonly kind: 'failed'; readonly error: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${patienceMs / 60_000} minutes`)), patienceMs);
  });
  try {
    return await Promise.race([program.run(), late]);
  } catch (error) {
    return { kind: 'failed', error };
  } finally {
    clearTimeout(timer);
  }
}

function print({ claim }: RealProgram, verdict: Awaited<ReturnType<typeof verdictOf>>): void {
  count[verdict.kind] += 1;
  console.log(`${verdict.kind.toUpperCase()}  ${claim}`);
  if (verdict.kind === 'skipped') console.log(`    ${verdict.reason}`);
  else if (verdict.kind === 'failed') console.log('   ', verdict.error);
  else for (const figure of verdict.figures) console.log(`    ${figure}`);
}
