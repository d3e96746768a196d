import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { newViaName } from '../main.ts';
import { stdoutDestination } from '../observe/log-destination.ts';
import { LogTrouble } from '../observe/log-trouble.ts';
import { clusterFork } from '../workers/cluster-processes.ts';
import { FigureLedger } from '../workers/figure-ledger.ts';
import { Hub } from '../workers/hub.ts';
import { Supervisor } from '../workers/supervisor.ts';
import { endEvenIfHeld } from './held-end.ts';
import { SharedShelf } from './shared-shelf.ts';
import { firstStop, tellDraining, tellReady, tellReload } from './serving-words.ts';
import type { Terminal } from './terminal.ts';
import type { Ways } from './ways.ts';
import { WorkerSettings } from './worker-settings.ts';

/** How long the shelf may take to be given back, in milliseconds: its disk may hang. */
const giveBackMs = 500;

const steady = (): number => performance.now();

/** `serve` by several processes, which this one begins and looks after. It answers no client itself. */
export async function serveWorkers(
  settings: Settings,
  count: number,
  terminal: Terminal,
  { load, onReady }: Ways,
): Promise<0 | 1 | 2> {
  const say = (line: string): void => terminal.say(line);
  // Also where nothing is to come yet: a restart may have workers write there.
  const logTrouble = new LogTrouble((trouble) => say(`etagere: ${trouble}`), steady);
  const stdout = stdoutDestination('line by line', logTrouble);
  const shelf = new SharedShelf();
  const config = new WorkerSettings(settings, load, shelf, terminal);
  const hub = new Hub(steady, new FigureLedger(() => logTrouble.lostLines), () => config.reload(hub, false));
  const viaName = newViaName();
  const sharing = { token: randomBytes(16).toString('hex'), pid: process.pid };
  const supervisor = new Supervisor({
    count,
    hub,
    steady,
    say,
    nameOf: (worker) => `${viaName}.${worker}`,
    beginning: (instance, place) => {
      return { instance, place: `worker ${place}`, viaName, sharing, count, settings: config.inForce };
    },
    fork: clusterFork({
      lines: (text) => stdout.write(text),
      variables: terminal.colours === true ? { FORCE_COLOR: '1' } : {},
    }),
    drainTimeoutMs: () => Math.max(settings.limits.drainTimeoutMs, config.inForce.limits.drainTimeoutMs),
  });
  const stopped = firstStop(terminal, () => shelf.remove());
  const begun = (await Promise.race([supervisor.start(), stopped])) ?? undefined;
  if (begun?.kind === 'failed') {
    say(`etagere: ${begun.complaint}`);
    await shelf.leave(config.inForce, sharing);
    return begun.exitCode;
  }
  if (begun?.kind === 'listening') {
    terminal.onHangup(() => {
      const { logFile } = config.inForce;
      if (logFile !== undefined) supervisor.tell({ kind: 'reopen-log' });
      if (logFile !== undefined && load === undefined) return;
      void config.reload(hub, true).then((outcome) => tellReload(outcome, terminal));
    });
    terminal.onRestart(() => {
      const settle = config.readForRestart();
      if (settle !== undefined) void supervisor.restart().then(settle);
    });
    // Whoever reads that it is ready may send signals at once.
    tellReady(begun, settings, terminal, count);
    onReady?.(begun.urls[0] ?? '');
  }
  await stopped;
  tellDraining(terminal);
  await supervisor.stop();
  // What is not given back is found to be nobody's at the next start.
  await Promise.race([shelf.leave(config.inForce, sharing), pause(giveBackMs, undefined, { ref: false })]);
  await stdout.close();
  endEvenIfHeld(terminal);
  return 0;
}
