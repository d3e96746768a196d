import type { RunningServer } from '../peers/peer-process.ts';
import type { Origin } from './origin.ts';
import { runWrk } from './wrk.ts';

/** Requests of which no two are for the same: `PREFIX0`, `PREFIX1`, … */
export interface Filling {
  readonly prefix: string;
  /** At least so many. */
  readonly objects: number;
  /** Of each of the runs that it takes. */
  readonly seconds: number;
}

const connections = 64;

/** Numbers of one run do not reach those of the next one. */
const numbersOfARun = 1e8;

/** In so many runs something has to arrive. */
const patienceRuns = 10;

/** Asks for what was never asked for until there was enough, and says how much it was. Rejects where an answer is an error, or none comes. */
export async function fill(server: RunningServer, origin: Origin, filling: Filling): Promise<number> {
  const { prefix, objects, seconds } = filling;
  const before = await origin.requests();
  let asked = 0;
  for (let [run, inVain] = [0, 0]; asked < objects; run++) {
    const script = ['unique.lua', prefix, String(run * numbersOfARun)] as const;
    const report = await runWrk({ url: server.url, fields: [], connections, seconds, script });
    if (report.badStatus > 0) throw new Error(`${prefix}: ${report.badStatus} answers were errors`);
    inVain = report.requests === 0 ? inVain + 1 : 0;
    if (inVain === patienceRuns) throw new Error(`${prefix}: no answer`);
    asked = (await origin.requests()) - before;
  }
  return asked;
}
