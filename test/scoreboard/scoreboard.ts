/**
 * Measures Etagere and other caches with our fixtures and with the public suite, one after the other, and writes docs/scoreboard.md. It takes half an
 * hour, nearly all of it waiting.
 *
 *     npm run scoreboard                                  all; the public suite only if CACHE_TESTS names a checkout
 *     npm run scoreboard -- --only nginx --suite fixtures prints the page of a part, and writes nothing
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openSuite, type Suite } from '../conformance/suite.ts';
import { installed } from '../peers/packages.ts';
import { type Cache, etagereCaches, peerCache } from './caches.ts';
import { patience, playFixtures, runPublicSuite } from './measure.ts';
import { type Measured, type Measurement, scoreboardPage } from './page.ts';
import { peers } from './peers.ts';

const page = new URL('../../docs/scoreboard.md', import.meta.url);
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, suite: { type: 'string' } } });

const measurement = await measure();
const text = scoreboardPage(measurement);
console.log(text);
if (values.only === undefined && values.suite === undefined) writeFileSync(page, text);

async function measure(): Promise<Measurement> {
  const suite = await publicSuite();
  const measured: Measured[] = [];
  for (const cache of await cachesToMeasure()) {
    console.error(`${cache.name} ${cache.version} …`);
    measured.push(await measuredCache(cache, suite));
  }
  const date = new Date().toISOString().slice(0, 10);
  return { date, node: process.version.slice(1), patience, tests: suite?.tests ?? [], measured };
}

async function publicSuite(): Promise<Suite | undefined> {
  if (values.suite === 'fixtures') return undefined;
  if (process.env['CACHE_TESTS'] !== undefined) return openSuite();
  console.error('WITHOUT THE PUBLIC SUITE: set CACHE_TESTS to a checkout of github.com/http-tests/cache-tests');
  return undefined;
}

async function cachesToMeasure(): Promise<readonly Cache[]> {
  const others = await installed(peers.filter(isWanted));
  return [...etagereCaches().filter(isWanted), ...others.map(peerCache)];
}

function isWanted({ name }: { readonly name: string }): boolean {
  return values.only === undefined || values.only.some((word) => name.toLowerCase().includes(word.toLowerCase()));
}

/** A cache that does not start, or does not come to an end, has nothing measured; the others go on. */
async function measuredCache(cache: Cache, suite: Suite | undefined): Promise<Measured> {
  const fixtures = values.suite === 'public' ? undefined : await attempt(() => playFixtures(cache));
  const result = suite === undefined ? undefined : await attempt(() => runPublicSuite(cache, suite));
  return {
    cache,
    ...(fixtures === undefined ? {} : { fixtures }),
    ...(result === undefined ? {} : { publicSuite: result }),
  };
}

async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    console.error('NOT MEASURED:', error instanceof Error ? error.message : error);
    return undefined;
  }
}
