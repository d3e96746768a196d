import { join } from 'node:path';
import { idBytes } from './entry.ts';
import type { Environment } from './environment.ts';
import type { Files } from './files.ts';
import { drawnAt } from './ids.ts';
import type { Layout } from './layout.ts';

export interface SweepParts {
  readonly files: Files;
  readonly layout: Layout;
  readonly environment: Environment;
  /** Wall time in ms at which this shelf was opened: what was begun since is left alone. */
  readonly openedAt: number;
  readonly isClosed: () => boolean;
}

/** Takes away files that no record has: a process was killed between naming one and putting its record, or between dropping a record and its file. Never rejects; what can't be taken away is left. */
export async function sweepContent({ files, layout, environment, openedAt, isClosed }: SweepParts): Promise<void> {
  for (const folder of await namesIn(files, layout.content)) {
    for (const name of await namesIn(files, join(layout.content, folder))) {
      if (isClosed()) return;
      const id = Buffer.from(name, 'hex');
      if (id.length !== idBytes || drawnAt(id) >= openedAt || isKnown(environment, id)) continue;
      await files.unlink(join(layout.content, folder, name)).catch(() => {});
    }
  }
}

/** Takes away what processes that have ended were about to write. Likewise. */
export async function sweepTemporary(files: Files, { temporary }: Layout, names: readonly string[]): Promise<void> {
  for (const name of names) await files.unlink(join(temporary, name)).catch(() => {});
}

async function namesIn(files: Files, directory: string): Promise<readonly string[]> {
  try {
    return await files.list(directory);
  } catch {
    return [];
  }
}

function isKnown(environment: Environment, id: Buffer): boolean {
  try {
    return environment.files.has(id);
  } catch {
    // It may be.
    return true;
  }
}
