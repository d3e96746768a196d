import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outFolder = join('dist', 'cli');

/**
 * Of undici we use three names, and its entry would bring all of it: fetch, WebSocket, mocks, caches. A name that is missing here, or a file that has
 * moved there, breaks the build.
 */
const undiciInParts: Plugin = {
  name: 'undici in parts',
  setup(bundle) {
    bundle.onLoad({ filter: /[\\/]undici[\\/]index\.js$/ }, () => ({
      contents: `
        export { default as buildConnector } from './lib/core/connect.js';
        export { default as Client } from './lib/dispatcher/client.js';
        export { default as Pool } from './lib/dispatcher/pool.js';
      `,
    }));
  },
};

/** CommonJS packages ask for node's own modules with it, and an ES module has none. */
const requireForPackages =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * The licences of all packages that a bundle has pieces of, as text.
 * @throws Error for a package without one
 */
function licencesOf({ inputs }: Metafile): string {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  );
  return [...packages]
    .sort()
    .map(licenceOf)
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence that could be kept`);
  return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
}

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: outFolder,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  banner: { js: requireForPackages },
  plugins: [undiciInParts],
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(root, outFolder, 'LICENSES.txt'), licencesOf(metafile));
