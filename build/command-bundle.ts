import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';

/** Where package.json is. */
export const root = fileURLToPath(new URL('..', import.meta.url));

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

/**
 * The client of Redis is larger than all the rest, and few need it: it stays where npm has put it, and what talks to it is loaded when it is asked for from the modules of the library, which lie beside the
 * command.
 */
const redisAside: Plugin = {
  name: 'redis aside',
  setup(bundle) {
    bundle.onResolve({ filter: /\/store\/redis\/backing\.ts$/ }, () => ({
      path: '../store/redis/backing.js',
      external: true,
    }));
  },
};

/** CommonJS packages ask for node's own modules with it, and an ES module has none. */
const requireForPackages =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What makes the command one file; where that goes is to be said. */
export const commandBundle = {
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.18',
  banner: { js: requireForPackages },
  plugins: [undiciInParts, redisAside],
  // It has machine code in it, is loaded where a shelf on a disk is asked for, and may be missing.
  external: ['lmdb'],
  logLevel: 'warning',
} as const satisfies BuildOptions;
