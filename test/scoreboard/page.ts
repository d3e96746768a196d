import { countsOf, type FixtureReport, kinds as fixtureKinds } from '../../src/play/report.ts';
import type { Outcome, SuiteTest } from '../conformance/suite.ts';
import { markdownTable } from '../markdown-table.ts';
import type { Cache } from './caches.ts';
import { reasons } from './reasons.ts';

/** What was measured of one cache; a suite that was not run is absent. */
export interface Measured {
  readonly cache: Omit<Cache, 'start'>;
  readonly fixtures?: readonly FixtureReport[];
  readonly publicSuite?: Readonly<Record<string, Outcome>>;
}

export interface Measurement {
  /** `2026-01-15` */
  readonly date: string;
  readonly node: string;
  readonly patience: string;
  /** Of the public suite; empty where it was not run. */
  readonly tests: readonly SuiteTest[];
  readonly measured: readonly Measured[];
}

/** The page `docs/scoreboard.md`. */
export function scoreboardPage(measurement: Measurement): string {
  const sections = [introduction(measurement), publicSection(measurement), fixtureSection(measurement)];
  return `${[...sections, differencesSection(measurement)].filter((section) => section !== '').join('\n\n')}\n`;
}

function introduction({ date, node, measured }: Measurement): string {
  return `# Scoreboard

Etagere beside other caches, each before the same origins on the same machine. Measured on ${date} with Node ${node} by

    CACHE_TESTS=/path/to/cache-tests npm run scoreboard

which installs the Debian packages of the others and starts each of them with nothing stored. They are configured with what a competent operator would turn on for
correct caching; the files are linked, and say why. Both suites are played in real time: on a busy machine one or two may end otherwise.

${markdownTable(
  ['cache', 'version', 'configuration'],
  measured.map(({ cache }) => [cache.name, cache.version, cache.configuration]),
)}`;
}

const suiteKinds = ['required', 'optimal', 'check'] as const;

function publicSection({ tests, measured }: Measurement): string {
  const rows = measured.flatMap(({ cache, publicSuite: result }) => {
    if (result === undefined) return [];
    const passes = suiteKinds.map(
      (kind) => tests.filter((test) => test.kind === kind && result[test.id] === true).length,
    );
    return [[cache.name, ...passes.map(String)]];
  });
  if (rows.length === 0) return '';
  const heads = suiteKinds.map((kind) => `${kind} (of ${tests.filter((test) => test.kind === kind).length})`);
  return `## The public suite

Tests of [http-tests/cache-tests](https://github.com/http-tests/cache-tests) that passed, those for browsers left out. What fails a *required* test breaks a MUST; *optimal* is
about efficiency; *check* is behaviour that is not graded.

${markdownTable(['cache', ...heads], rows)}`;
}

function fixtureSection({ measured, patience }: Measurement): string {
  const played = measured.flatMap(({ cache, fixtures }) => (fixtures === undefined ? [] : [{ cache, fixtures }]));
  const all = played[0]?.fixtures;
  if (all === undefined) return '';
  const rows = played.map(({ cache, fixtures }) => [
    cache.name,
    ...fixtureKinds.map((kind) => passedOf(fixtures.filter((fixture) => fixture.kind === kind))),
  ]);
  const topics = [...new Set(all.map(({ topic }) => topic))];
  const topicRows = topics.map((topic) => [
    topic,
    ...played.map(({ fixtures }) => passedOf(fixtures.filter((one) => one.topic === topic && isGraded(one)))),
  ]);
  return `## Our fixtures

The [fixtures](../fixtures/README.md) of Etagere, played with \`etagere play --target URL --patience ${patience}\`: passed of those played. ${countsOf(all).skipped} of ${all.length} were skipped, as they
take longer, or need a configuration or a clock that only Etagere's own tests have. They were written with Etagere and it has to pass them, so this table says less about
Etagere than about the others. What fails a *required* fixture breaks a MUST; *not reached* are those in which a cache went another way before the claim, as it may: one that
does not store need not validate. What fails an *optimal* one asks the origin more than it has to, or keeps not every SHOULD; *safe* is stricter than the RFC.

${markdownTable(['cache', ...fixtureKinds], rows)}

By topic, required and optimal:

${markdownTable(['topic', ...played.map(({ cache }) => cache.name)], topicRows)}`;
}

function passedOf(fixtures: readonly FixtureReport[]): string {
  const { passed, failed, 'not reached': notReached } = countsOf(fixtures);
  const counted = passed + failed === 0 ? '' : `${passed} of ${passed + failed}`;
  return [counted, notReached === 0 ? '' : `${notReached} not reached`].filter((text) => text !== '').join(', ');
}

function isGraded({ kind }: { readonly kind: string }): boolean {
  return kind === 'required' || kind === 'optimal';
}

/** One test or fixture: how it went with Etagere where it failed, and which others passed. */
interface Difference {
  readonly name: string;
  readonly kind: string;
  /** Of Etagere. */
  readonly failures: readonly { readonly by: string; readonly how: string }[];
  readonly passedBy: readonly string[];
}

function differencesSection({ tests, measured }: Measurement): string {
  const ofTests = tests.filter(isGraded).flatMap(({ id, kind }) =>
    difference(
      { name: id, kind },
      measured.map(({ cache, publicSuite }) => {
        const outcome = publicSuite?.[id];
        return {
          cache,
          failure: outcome === undefined || outcome === true ? undefined : outcome.join(': '),
          passed: outcome === true,
        };
      }),
    ),
  );
  const ofFixtures = (measured[0]?.fixtures ?? []).filter(isGraded).flatMap(({ file, kind }) =>
    difference(
      { name: file, kind },
      measured.map(({ cache, fixtures }) => {
        const report = fixtures?.find((one) => one.file === file);
        return {
          cache,
          failure: report?.outcome === 'failed' ? report.message : undefined,
          passed: report?.outcome === 'passed',
        };
      }),
    ),
  );
  const differences = [...ofTests, ...ofFixtures];
  const heading = '## Where another cache passes and Etagere does not';
  if (differences.length === 0) return `${heading}\n\nNowhere.`;
  const rows = differences.map(({ name, kind, failures, passedBy }) => [
    `\`${name}\``,
    kind,
    passedBy.join(', '),
    failures.map(({ by }) => by).join(' and '),
    reasons.get(name) ?? failures.map(({ how }) => how).join('; '),
  ]);
  return `${heading}\n\n${markdownTable(['test or fixture', 'kind', 'passed by', 'not by', 'why'], rows)}`;
}

interface Ending {
  readonly cache: Measured['cache'];
  /** Where it failed: how. */
  readonly failure: string | undefined;
  readonly passed: boolean;
}

function difference(about: Pick<Difference, 'name' | 'kind'>, endings: readonly Ending[]): Difference[] {
  const failures = endings.flatMap(({ cache, failure }) =>
    cache.own && failure !== undefined ? [{ by: cache.name, how: failure }] : [],
  );
  const passedBy = endings.filter(({ cache, passed }) => !cache.own && passed).map(({ cache }) => cache.name);
  return failures.length > 0 && passedBy.length > 0 ? [{ ...about, failures, passedBy }] : [];
}
