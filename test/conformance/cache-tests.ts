/**
 * Runs the public HTTP cache test suite (github.com/http-tests/cache-tests) against the built proxy, prints the score and what
 * failed, and records the result in the suite's own format. Exit code 1 when a test that passed in the recorded result does not.
 *
 *     npm run cache-tests                        with --preset rfc, recorded in docs/cache-tests/etagere.json
 *     npm run cache-tests -- --preset safe       with the defaults of the command line; nothing is recorded
 *     npm run cache-tests -- --id vary-match     one test, in full
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startEtagere } from '../real/etagere-process.ts';
import { type Kind, type Outcome, openSuite, recordedResult, type Suite, type SuiteTest } from './suite.ts';

const record = new URL('../../docs/cache-tests/etagere.json', import.meta.url);
const { values } = parseArgs({ options: { preset: { type: 'string', default: 'rfc' }, id: { type: 'string' } } });

try {
  await runSuite(await openSuite());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function runSuite(suite: Suite): Promise<void> {
  const origin = await suite.startOrigin();
  try {
    const etagere = await startEtagere(origin.url, ['--preset', values.preset]);
    try {
      if (values.id === undefined) report(suite.tests, await suite.run(etagere.url));
      else console.log(await suite.explain(etagere.url, values.id));
    } finally {
      await etagere.stop();
    }
  } finally {
    origin.stop();
  }
}

function report(tests: readonly SuiteTest[], result: Readonly<Record<string, Outcome>>): void {
  for (const kind of ['required', 'optimal', 'check'] as const) printKind(kind, tests, result);
  if (values.preset !== 'rfc') return;
  const recorded = recordedResult(record);
  const lost = tests.filter(({ id }) => recorded[id] === true && result[id] !== true).map(({ id }) => id);
  if (lost.length > 0) {
    console.log(`\n${lost.length} passed before and no longer do: ${lost.join(', ')}`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(new URL('.', record), { recursive: true });
  writeFileSync(record, `${JSON.stringify(result, null, 2)}\n`);
}

function printKind(kind: Kind, tests: readonly SuiteTest[], result: Readonly<Record<string, Outcome>>): void {
  const ofKind = tests.filter((test) => test.kind === kind);
  const failed = ofKind.filter(({ id }) => result[id] !== true);
  console.log(`\n${kind}: ${ofKind.length - failed.length} of ${ofKind.length}`);
  for (const { id } of failed) {
    const outcome = result[id];
    const why = outcome === undefined || outcome === true ? 'was not run' : outcome.join(': ');
    console.log(`  ${id}\n      ${why}`);
  }
}
