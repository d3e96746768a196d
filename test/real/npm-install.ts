import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';
import { type LogLine, startEtagere } from './etagere-process.ts';
import { claim, type RealProgram } from './program.ts';

/** Old and settled, with a tree of more than 250 packages. */
const root = { jest: '29.7.0' };
const leastPackages = 200;

/** A package manager is a demanding client: hundreds of requests at once, conditional ones, Vary, large JSON, tarballs. */
export const npmInstall: RealProgram = {
  claim: `a tree of ${leastPackages}+ packages installs through the proxy, the second time from the shelf`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'etagere-npm-'));
    try {
      const registry = new URL((await npm(folder, 'config', 'get', 'registry')).trim());
      const trouble = await unreachable(registry);
      if (trouble !== undefined) return { kind: 'skipped', reason: `there is no network to a registry: ${trouble}` };
      // Registries differ in what they say about caching, and some say nothing at all.
      const etagere = await startEtagere(registry.origin, ['--memory', '1gb', '--default-ttl', '10m']);
      try {
        const install = async (name: string): Promise<Install> => {
          const before = etagere.log.length;
          const project = join(folder, name);
          mkdirSync(project);
          writeFileSync(
            join(project, 'package.json'),
            JSON.stringify({ name: 'tree', private: true, dependencies: root }),
          );
          const args = ['--ignore-scripts', '--no-audit', '--no-fund', '--replace-registry-host=always'];
          const where = [`--registry=${etagere.url}${registry.pathname}`, `--cache=${join(folder, `${name}-cache`)}`];
          await npm(project, 'install', ...args, ...where);
          return { lock: readFileSync(join(project, 'package-lock.json'), 'utf8'), lines: etagere.log.slice(before) };
        };
        return judge(await install('first'), await install('second'));
      } finally {
        await etagere.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  return runProgram('npm', args, { cwd, env: npmEnv(), withinMs: 600_000 });
}

interface Install {
  readonly lock: string;
  readonly lines: readonly LogLine[];
}

function judge(first: Install, second: Install): { kind: 'passed'; figures: string[] } {
  const packages = Object.keys((JSON.parse(first.lock) as { packages: object }).packages).length - 1;
  claim(packages >= leastPackages, `the tree has only ${packages} packages`);
  claim(first.lock === second.lock, 'the two lock files differ');
  const failed = [...first.lines, ...second.lines].filter((line) => line.status >= 400 || line.end !== 'complete');
  claim(failed.length === 0, `${failed.length} exchanges failed, such as ${JSON.stringify(failed[0])}`);
  claim(share(second) > 0.9, `only ${percent(second)} of the second install came from the shelf`);
  return {
    kind: 'passed',
    figures: [
      `${packages} packages, lock files identical`,
      `first install: ${first.lines.length} requests, ${percent(first)} hits, ${atOrigin(first)} at the origin`,
      `second install: ${second.lines.length} requests, ${percent(second)} hits, ${atOrigin(second)} at the origin`,
    ],
  };
}

function share({ lines }: Install): number {
  return lines.filter((line) => line.hit).length / lines.length;
}

function percent(install: Install): string {
  return `${(share(install) * 100).toFixed(1)} %`;
}

function atOrigin({ lines }: Install): number {
  return lines.filter((line) => !line.hit).length;
}

/** npm passes its own settings on to its children as variables; ours is not to inherit those of the npm that started us. */
function npmEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(?:config_(?:cache|prefix|local_prefix)|package_|lifecycle_)/.test(name),
    ),
  );
}

/** Why nothing answers there; undefined when something does, whatever it says. */
async function unreachable(registry: URL): Promise<string | undefined> {
  try {
    await fetch(new URL('-/ping', registry), { signal: AbortSignal.timeout(15_000) });
    return undefined;
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return cause instanceof Error ? cause.message : String(error);
  }
}
