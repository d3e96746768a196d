import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../free-port.ts';
import { runProgram } from '../run-program.ts';

const repository = 'https://github.com/http-tests/cache-tests.git';

/** The suite needs about a minute; after this something hangs. */
const suiteMs = 300_000;

export type Kind = 'required' | 'optimal' | 'check';

/** One test of the suite, as far as a report needs it. */
export interface SuiteTest {
  readonly id: string;
  readonly kind: Kind;
}

/** `true`, or the kind of failure and what was seen. */
export type Outcome = true | readonly [kind: string, reason: string];

/** A checkout of the suite. */
export interface Suite {
  readonly tests: readonly SuiteTest[];
  /** Starts its origin on a free port. */
  startOrigin(): Promise<{ readonly url: string; stop(): void }>;
  /** Runs its client against the proxy. */
  run(proxyUrl: string): Promise<Record<string, Outcome>>;
  /** What its client says about one test, in full. */
  explain(proxyUrl: string, id: string): Promise<string>;
  /** Runs one test by itself, where no other can take its time away. */
  runAlone(proxyUrl: string, id: string): Promise<Outcome>;
}

/** The checkout that `CACHE_TESTS` names, or a fresh clone in a temporary folder. */
export async function openSuite(): Promise<Suite> {
  const named = process.env['CACHE_TESTS'];
  if (named !== undefined && !existsSync(join(named, 'test-engine', 'cli.mjs'))) {
    throw new Error(`CACHE_TESTS=${named} is no checkout of ${repository}`);
  }
  const scratch = mkdtempSync(join(tmpdir(), 'etagere-cache-tests-'));
  // However this program ends.
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const folder = named ?? join(scratch, 'suite');
  if (named === undefined) await clone(folder);
  return {
    tests: await testsOf(folder),
    startOrigin: () => startOrigin(folder, join(scratch, 'server.pid')),
    run: (proxyUrl) => runClient(folder, proxyUrl),
    explain: (proxyUrl, id) => client(folder, proxyUrl, id),
    runAlone: async (proxyUrl, id) => lastOutcome(await client(folder, proxyUrl, id)),
  };
}

async function clone(folder: string): Promise<void> {
  try {
    await runProgram('git', ['clone', '--quiet', '--depth', '1', repository, folder], { cwd: '.', withinMs: 120_000 });
  } catch (cause) {
    const advice = 'name a checkout: CACHE_TESTS=/path/to/cache-tests npm run cache-tests';
    throw new Error(`the suite can't be cloned from ${repository}; ${advice}`, { cause });
  }
}

/** Tests for browsers only are not for us; a test without a kind is required. */
async function testsOf(folder: string): Promise<SuiteTest[]> {
  const module: unknown = await import(pathToFileURL(join(folder, 'tests', 'index.mjs')).href);
  const suites = (module as { default: { tests: { id: string; kind?: Kind; browser_only?: boolean }[] }[] }).default;
  return suites
    .flatMap((suite) => suite.tests)
    .filter((test) => test.browser_only !== true)
    .map(({ id, kind }) => ({ id, kind: kind ?? 'required' }));
}

async function startOrigin(folder: string, pidFile: string): Promise<{ readonly url: string; stop(): void }> {
  const port = await freePort();
  const child = spawn(process.execPath, [join('test-engine', 'server', 'server.mjs')], {
    cwd: folder,
    env: {
      ...process.env,
      npm_package_config_protocol: 'http',
      npm_package_config_port: String(port),
      npm_config_protocol: 'http',
      npm_config_port: String(port),
      npm_config_pidfile: pidFile,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await listening(child);
  // The suite's server listens on every address; `localhost` may be either family, this one is certain.
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Listening on')) resolve();
    });
    child.once('close', (code) => reject(new Error(`the suite's origin ended with ${code}`)));
  });
}

async function runClient(folder: string, proxyUrl: string): Promise<Record<string, Outcome>> {
  const printed = await client(folder, proxyUrl, '');
  // Before its JSON it may print what it thinks of single tests.
  const json = printed.slice(printed.indexOf('\n{') + 1);
  try {
    return JSON.parse(json) as Record<string, Outcome>;
  } catch (cause) {
    throw new Error(`the suite's client printed no result:\n${printed.slice(0, 2_000)}`, { cause });
  }
}

/** The last line that the client prints about one test: a sign, a dash, and why it failed if it did. */
function lastOutcome(printed: string): Outcome {
  const reason = / - ?(.*)$/.exec(printed.trim().split('\n').at(-1) ?? '')?.[1];
  if (reason === undefined) throw new Error(`the suite's client printed no result:\n${printed.slice(-2_000)}`);
  return reason === '' ? true : ['alone', reason];
}

function client(folder: string, proxyUrl: string, id: string): Promise<string> {
  const env = { ...process.env, npm_config_base: proxyUrl, npm_config_id: id, npm_package_config_id: id };
  const args = ['--no-warnings', join('test-engine', 'cli.mjs')];
  return runProgram(process.execPath, args, { cwd: folder, env, withinMs: suiteMs });
}
