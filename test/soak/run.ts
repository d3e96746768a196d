/**
 * The built command under load for as long as you like, with one fault after the other: `npm run soak`, twenty minutes for each of three shapes; with `-- --minutes 480` a day in all. Ends with exit code 1 at anything that must
 * not be. `--rate` requests a second, `--every` seconds from one fault to the next, `--only memory`, `--seed N` for the same requests and
 * faults again. Where Debian's Redis can't be had, what is about it is skipped, and fails where `CI` is set.
 */
import { parseArgs } from 'node:util';
import { installed } from '../peers/packages.ts';
import { redisServer } from '../redis/redis-server.ts';
import { reportOf } from './report.ts';
import { soak } from './soak.ts';
import { type Shape, shapes } from './stage.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '200' },
    every: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const [minutes, rate, every, seed] = [values.minutes, values.rate, values.every, values.seed].map(Number);
const isShape = (word: string): word is Shape => shapes.some((shape) => shape === word);
const isComplete = [minutes, rate, every].every((number) => Number(number) > 0) && Number.isSafeInteger(seed);
if (!isComplete || !values.only.every(isShape)) {
  console.error(
    `--minutes, --rate and --every are numbers, --seed a whole one, and --only one of ${shapes.join(', ')}`,
  );
  process.exit(2);
}
const wanted = shapes.filter((shape) => values.only.length === 0 || values.only.includes(shape));
/** For what begins and ends around it: each of these waits has a bound of its own, too. */
const besidesMs = 8 * 60_000;

// A signal ends it as any other end does: nothing of it stays behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.on('uncaughtException', (error) => {
  console.error('an exception that nobody caught, in the soak itself', error);
  process.exit(1);
});
const late = setTimeout(
  () => {
    console.error('FAILED  it does not come to its end');
    process.exit(1);
  },
  wanted.length * Number(minutes) * 60_000 + besidesMs,
);
const hasRedis = !wanted.includes('redis') || (await installed([redisServer])).length > 0;
const chosen = wanted.filter((shape) => shape !== 'redis' || hasRedis);
console.log(`seed ${seed}, ${minutes} minutes each, ${rate} requests a second, a fault every ${every} s`);
let failed = 0;
for (const shape of chosen) {
  const ms = Number(minutes) * 60_000;
  const options = { ms, rate: Number(rate), faultEveryMs: Number(every) * 1_000, seed: Number(seed) };
  const soaked = await soak(shape, options);
  console.log(reportOf(soaked));
  failed += soaked.failures.length;
}
clearTimeout(late);
if (!hasRedis) {
  console.error('SKIPPED  two instances over a Redis: there is none here (apt-get install redis-server)');
  if ((process.env['CI'] ?? '') !== '') failed++;
}
console.log(failed === 0 ? 'PASSED' : `FAILED  ${failed} times`);
process.exit(failed === 0 ? 0 : 1);
