import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sources = fileURLToPath(new URL('../src/admin/page', import.meta.url));

/** What page.html loads, by what is made of it. */
const loaded: Readonly<Record<string, string>> = { '.js': 'main.ts', '.css': 'page.css' };

/** The files of the web page by their paths. Those that it loads have a digest of their content in the name: they may be kept for ever. */
export async function bundledPage(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: sources,
    entryPoints: Object.values(loaded),
    outdir: sources,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  const files = new Map<string, string>();
  let html = readFileSync(join(sources, 'page.html'), 'utf8');
  for (const { path, text } of outputFiles) {
    const reference = `"${loaded[extname(path)]}"`;
    if (!html.includes(reference)) throw new Error(`page.html does not load ${reference}`);
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const name = `assets/page.${digest}${extname(path)}`;
    files.set(name, text);
    html = html.replace(reference, `"${name}"`);
  }
  return files.set('index.html', html);
}
