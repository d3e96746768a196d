import { closeSync, openSync, writeFileSync } from 'node:fs';
import { parseOrigin } from '../config/addresses.ts';
import { parseCount, parseDuration } from '../config/quantities.ts';
import { at, UsageError } from '../config/usage-error.ts';
import { inapplicable } from '../play/applicable.ts';
import { assembleEtagere } from '../play/etagere.ts';
import type { Fixture } from '../play/fixture.ts';
import { inProcess } from '../play/in-process.ts';
import { type FixtureReport, fixtureReport, type Outcome, reportText } from '../play/report.ts';
import { type Played, playSuite } from '../play/suite.ts';
import { openTarget, type Target } from '../play/target.ts';
import { readFixtures } from './bundled-fixtures.ts';
import { systemCode } from '../config/system-code.ts';
import type { Terminal } from './terminal.ts';

/** What stands after `etagere play`, as text. */
export interface PlayArguments {
  /** Files and folders; none means the bundled fixtures. */
  readonly fixtures: readonly string[];
  readonly target?: string;
  readonly originPort?: string;
  readonly patience?: string;
  readonly sideBySide?: string;
  readonly json?: string;
}

/** What the flags of `play` are when nothing is said; help shows them. */
export const playDefaults = { originPort: '8000', patience: '12s', sideBySide: '32' } as const;

/** How long a cache that has just been started may need until it forwards. */
const reachMs = 10_000;

/**
 * Plays fixtures, prints the report, and writes it as JSON if asked to. Resolves with the exit code: 1 when a required fixture failed, or when Etagere
 * itself did not reach its claim; else 0.
 *
 * @throws UsageError for arguments, fixtures and targets that can't be used
 */
export async function play(given: PlayArguments, terminal: Terminal): Promise<0 | 1> {
  const fixtures = readFixtures(given.fixtures, (line) => terminal.say(`etagere: ${line}`));
  if (given.json !== undefined) openJson(given.json);
  const played =
    given.target === undefined
      ? await playHere(given, fixtures)
      : await playElsewhere(given.target, { given, fixtures, terminal });
  const reports = played.map(fixtureReport);
  terminal.print(reportText(reports));
  if (given.json !== undefined) writeJson(given.json, given.target, reports);
  const here = given.target === undefined;
  const counts = (outcome: Outcome): boolean => outcome === 'failed' || (here && outcome === 'not reached');
  return reports.some(({ kind, outcome }) => kind === 'required' && counts(outcome)) ? 1 : 0;
}

/** On Etagere itself, in this process, with the clock of the fixture. */
function playHere(given: PlayArguments, fixtures: readonly Fixture[]): Promise<Played[]> {
  for (const [flag, value] of Object.entries({
    '--origin-port': given.originPort,
    '--patience': given.patience,
    '--side-by-side': given.sideBySide,
  })) {
    if (value !== undefined) throw new UsageError(`${flag} is for a cache elsewhere`, 'add --target URL');
  }
  return playSuite(fixtures, { source: inProcess(assembleEtagere), sideBySide: 1, inapplicable: () => undefined });
}

interface Elsewhere {
  readonly given: PlayArguments;
  readonly fixtures: readonly Fixture[];
  readonly terminal: Terminal;
}

async function playElsewhere(targetText: string, { given, fixtures, terminal }: Elsewhere): Promise<Played[]> {
  const url = at('--target', () => httpOnly(parseOrigin(targetText)));
  const patienceMs = at('--patience', () => parseDuration(given.patience ?? playDefaults.patience));
  const sideBySide = at('--side-by-side', () => atLeastOne(parseCount(given.sideBySide ?? playDefaults.sideBySide)));
  const originPort = at('--origin-port', () => parsePort(given.originPort ?? playDefaults.originPort));
  const target = await openedTarget(url, originPort);
  try {
    terminal.say(`etagere: the origin listens on ${target.originUrl}; ${url} has to forward there`);
    await reach(target, url);
    return await playSuite(fixtures, {
      source: target.brisk,
      secondSource: target.slow,
      sideBySide,
      inapplicable: (fixture) => inapplicable(fixture, patienceMs),
      onPlayed: (done, of) => terminal.show(`${done} of ${of} fixtures played`),
    });
  } finally {
    terminal.show('');
    target.close();
  }
}

async function openedTarget(url: string, originPort: number): Promise<Target> {
  try {
    return await openTarget({ url, originPort, run: Date.now().toString(36) });
  } catch (error) {
    throw new UsageError(
      `--origin-port: can't listen on 127.0.0.1:${originPort} (${systemCode(error)})`,
      'choose another, to which the cache forwards',
    );
  }
}

async function reach(target: Target, url: string): Promise<void> {
  const unreached = await target.unreached(reachMs);
  if (unreached === undefined) return;
  const { got, connects } = unreached;
  if (!connects) {
    throw new UsageError(
      `--target: there is no connection to ${url}; there was ${got}`,
      `start the cache, or name where it listens`,
    );
  }
  throw new UsageError(
    `--target: a request to ${url} did not arrive at ${target.originUrl}; there was ${got}`,
    `have the cache forward to ${target.originUrl}, with the path as it is`,
  );
}

function httpOnly(url: string): string {
  if (url.startsWith('http:')) return url;
  throw new UsageError(`"${url}" is not plain HTTP`, 'name an http:// address of the cache');
}

function atLeastOne(count: number): number {
  if (count > 0) return count;
  throw new UsageError('nothing can be played by none', 'give it 1 or more');
}

function parsePort(text: string): number {
  const port = parseCount(text);
  if (port <= 65_535) return port;
  throw new UsageError(`"${text}" is not a port`, 'write a number up to 65535, or 0 for any free one');
}

/** Before anything is played, as that may take minutes. What an earlier report says stays until there is a new one. */
function openJson(path: string): void {
  writing(path, () => closeSync(openSync(path, 'a')));
}

function writeJson(path: string, target: string | undefined, fixtures: readonly FixtureReport[]): void {
  writing(path, () => writeFileSync(path, `${JSON.stringify({ target: target ?? null, fixtures }, null, 2)}\n`));
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(
      `--json: ${path} can't be written (${systemCode(error)})`,
      'name a file in a folder that exists',
    );
  }
}
