import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { commandBundle, root } from '../build/command-bundle.ts';

/** The command of what is in `src/` now, as one file. */
export interface BundledCommand {
  /** To be run by Node. */
  readonly program: string;
  remove(): Promise<void>;
}

/** Bundles it as it is shipped: each process that would read the sources one by one takes a second of a core for that. */
export async function bundleCommand(): Promise<BundledCommand> {
  // As deep as the one that is shipped: it finds what else there is by where it lies.
  const dist = join(root, 'dist');
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(join(dist, 'command-'));
  const program = join(folder, 'main.js');
  await build({ ...commandBundle, outfile: program });
  return { program, remove: () => rm(folder, { recursive: true, force: true }) };
}
