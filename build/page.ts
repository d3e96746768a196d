import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledPage } from './page-bundle.ts';

const outFolder = fileURLToPath(new URL('../dist/admin/page', import.meta.url));

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(join(outFolder, 'assets'), { recursive: true });
for (const [path, text] of await bundledPage()) writeFileSync(join(outFolder, path), text);
