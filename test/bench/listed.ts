import { writeFileSync } from 'node:fs';
import { Pool } from 'undici';
import type { HeadFields } from './probe.ts';

/** One request of the list that `lua/list.lua` of wrk walks through. */
export interface Listed {
  readonly path: string;
  readonly encoding: string;
}

/** As `lua/list.lua` reads it. */
export function writeList(file: string, list: readonly Listed[]): void {
  writeFileSync(file, list.map(({ path, encoding }) => `${path}\t${encoding}\n`).join(''));
}

/** At once; each of them may have a connection to the origin waiting. */
const connections = 32;

/** Asks once for each that is different, so that all is stored. */
export async function askForEach(url: string, list: readonly Listed[], fields: HeadFields): Promise<void> {
  const left = new Map(list.map((entry) => [`${entry.path} ${entry.encoding}`, entry])).values();
  const pool = new Pool(url, { connections, pipelining: 1 });
  const ask = async (): Promise<void> => {
    for (const { path, encoding } of left) {
      const headers = Object.fromEntries([...fields, ['accept-encoding', encoding]]);
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${path}: status ${statusCode}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, ask));
  } finally {
    await pool.destroy();
  }
}
