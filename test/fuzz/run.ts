/**
 * Fuzzing: whatever is read of clients, origins and shelves, changed by chance: `npm run fuzz`, an hour long; with `-- --minutes 2` for less. Ends with exit code 1 at what does not hold, and says
 * how to have that again: `-- --seed N --only NAME`, whose first execution it is.
 */
import { parseArgs } from 'node:util';
import { fuzz, type Report } from './fuzz.ts';
import { Counterexample } from './target.ts';
import { targets } from './targets.ts';
import { watchdog } from './watchdog.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const chosen = targets.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
if (!(minutes > 0) || !Number.isSafeInteger(seed) || chosen.length === 0) {
  console.error(
    `--minutes is a number, --seed a whole one, and --only one of ${targets.map(({ name }) => name).join(' ')}`,
  );
  process.exit(2);
}

const dog = watchdog(chosen.map(({ name }) => name));
process.on('uncaughtException', (error) => {
  console.error('an exception that nobody caught, in', dog.last(), error);
  process.exit(1);
});
console.log(`seed ${seed}, ${minutes} minutes for ${chosen.length} targets`);
let failed = 0;
for (const target of chosen) {
  const report = await fuzz(target, {
    seed,
    ms: (minutes * 60_000) / chosen.length,
    onExecution: (at) => dog.begins(target.name, at),
  });
  tell(target.name, report);
  if (report.failure !== undefined) failed++;
}
dog.stop();
console.log(failed === 0 ? 'PASSED' : `FAILED  ${failed} times`);
process.exit(failed === 0 ? 0 : 1);

function tell(name: string, { executions, ms, failure }: Report): void {
  const rate = Math.round((executions * 1_000) / ms);
  console.log(`${name.padEnd(20)} ${String(executions).padStart(10)} executions ${String(rate).padStart(7)}/s`);
  if (failure === undefined) return;
  const { error, seed: at } = failure;
  console.log(`  does not hold: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof Counterexample) console.log(`  input: ${JSON.stringify(error.input)?.slice(0, 4_000)}`);
  else console.log(error);
  console.log(`  again: npm run fuzz -- --seed ${at} --only ${name}`);
}
