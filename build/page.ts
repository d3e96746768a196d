import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sources = fileURLToPath(new URL('../src/admin/page', import.meta.url));
const outFolder = fileURLToPath(new URL('../dist/admin/page', import.meta.url));

/** What page.html loads, by what is made of it. */
const loaded: Readonly<Record<string, string>> = { '.js': 'main.ts', '.css': 'page.css' };

const { outputFiles } = await build({
  absWorkingDir: sources,
  entryPoints: Object.values(loaded),
  outdir: outFolder,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  write: false,
  logLevel: 'warning',
});

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(join(outFolder, 'assets'), { recursive: true });
let html = readFileSync(join(sources, 'page.html'), 'utf8');
for (const { path, contents } of outputFiles) {
  const reference = `"${loaded[extname(path)]}"`;
  if (!html.includes(reference)) throw new Error(`page.html does not load ${reference}`);
  // With a digest of its content in its name, a file may be kept for ever.
  const digest = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  const name = `assets/page.${digest}${extname(path)}`;
  writeFileSync(join(outFolder, name), contents);
  html = html.replace(reference, `"${name}"`);
}
writeFileSync(join(outFolder, 'index.html'), html);
