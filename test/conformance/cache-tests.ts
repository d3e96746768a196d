/**
 * Runs the public HTTP cache test suite (github.com/http-tests/cache-tests) against the built proxy, prints the score and whatever came out otherwise
 * than expected.json and docs/checks.md say, and records the result in the suite's own format. Exit code 1 where something did.
 *
 *     npm run cache-tests                        with --preset rfc, recorded in docs/cache-tests/etagere.json
 *     npm run cache-tests -- --preset safe       with the defaults of the command line; nothing is recorded
 *     npm run cache-tests -- --id vary-match     one test, in full
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type PresetName, presets } from '../../src/policy/config.ts';
import { startEtagere } from '../real/etagere-process.ts';
import { exceptions, expectedPasses, listedTests } from './expectations.ts';
import { type Outcome, openSuite, type Suite, type SuiteTest } from './suite.ts';
import { type Surprise, surprises } from './surprises.ts';

const record = new URL('../../docs/cache-tests/etagere.json', import.meta.url);
const { values } = parseArgs({ options: { preset: { type: 'string', default: 'rfc' }, id: { type: 'string' } } });

try {
  await runSuite(presetNamed(values.preset), await openSuite());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function presetNamed(name: string): PresetName {
  if (!Object.hasOwn(presets, name))
    throw new Error(`--preset ${name}: there are ${Object.keys(presets).join(' and ')}`);
  return name as PresetName;
}

async function runSuite(preset: PresetName, suite: Suite): Promise<void> {
  const origin = await suite.startOrigin();
  try {
    const etagere = await startEtagere(origin.url, ['--preset', preset]);
    try {
      if (values.id === undefined) await judge(preset, suite, etagere.url);
      else console.log(await suite.explain(etagere.url, values.id));
    } finally {
      await etagere.stop();
    }
  } finally {
    origin.stop();
  }
}

async function judge(preset: PresetName, suite: Suite, proxyUrl: string): Promise<void> {
  const expected = { tests: listedTests(), passes: expectedPasses(preset) };
  const { tests } = suite;
  let result = await suite.run(proxyUrl);
  const first = surprises(expected, { tests, result });
  // The suite waits in real time: on a busy machine a test can come too late. Only what differs by itself as well counts.
  for (const { id } of first.filter((surprise) => tests.some((test) => test.id === surprise.id))) {
    result = { ...result, [id]: await suite.runAlone(proxyUrl, id) };
  }
  const last = surprises(expected, { tests, result });
  printScore(preset, tests, result);
  printSurprises(last);
  if (last.length > 0) process.exitCode = 1;
  else if (preset === 'rfc') writeFileSync(record, `${JSON.stringify(result, null, 2)}\n`);
}

function printScore(preset: PresetName, tests: readonly SuiteTest[], result: Readonly<Record<string, Outcome>>): void {
  for (const kind of ['required', 'optimal', 'check'] as const) {
    const ofKind = tests.filter((test) => test.kind === kind);
    console.log(`${kind}: ${ofKind.filter(({ id }) => result[id] === true).length} of ${ofKind.length}`);
  }
  const { wrong, [preset]: refused } = exceptions();
  console.log('\nNot passed on purpose:');
  for (const [id, reason] of Object.entries({ ...refused, ...wrong })) console.log(`  ${id}\n      ${reason}`);
}

function printSurprises(found: readonly Surprise[]): void {
  if (found.length === 0) return;
  console.log('\nOtherwise than the lists say:');
  for (const { id, what } of found) console.log(`  ${id}\n      ${what}`);
}
