import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { assembleEtagere } from '../src/play/etagere.ts';
import { fixtureFiles } from '../src/play/files.ts';
import { inProcess } from '../src/play/in-process.ts';
import { faultText, type Parsed, parseFixture } from '../src/play/parse.ts';
import { failureText, type PlayResult, playFixture } from '../src/play/run.ts';

const root = join(import.meta.dirname, '..');
const source = inProcess(assembleEtagere);

const fixtures = fixtureFiles(join(root, 'fixtures')).map(({ path, text }) => {
  const file = relative(root, path);
  const parsed = parseFixture(text, file);
  return { file, parsed, claim: parsed.ok ? parsed.fixture.title : 'can not be read' };
});

it.each(fixtures)('$file: $claim', async ({ parsed }) => {
  expect(await outcomeOf(parsed)).toBe('passed');
});

/** @throws Error that says where the fixture and the cache part. */
async function outcomeOf(parsed: Parsed): Promise<PlayResult['outcome']> {
  if (!parsed.ok) throw new Error(faultText(parsed.fault));
  const result = await playFixture(parsed.fixture, source);
  if (result.outcome === 'failed') throw new Error(failureText(parsed.fixture, result.failure));
  return result.outcome;
}
