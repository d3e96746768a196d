import { availableParallelism } from 'node:os';
import type { EtagereOptions } from '../config/options.ts';
import { pathText } from '../config/problems.ts';
import { resolveSettings } from '../config/resolve.ts';
import { selfReferences } from '../config/self-reference.ts';
import type { Settings } from '../config/settings.ts';
import { UsageError } from '../config/usage-error.ts';
import { createProxy } from '../main.ts';
import { startDemoOrigin, thingsToTry } from './demo-origin.ts';
import { endEvenIfHeld } from './held-end.ts';
import { listenAll } from './listening.ts';
import { printable } from './printable.ts';
import { firstStop, tellDraining, tellReady, tellReload } from './serving-words.ts';
import type { Terminal } from './terminal.ts';
import type { Ways } from './ways.ts';

/** Serves until a signal, then drains. Resolves with the exit code: 0 after a signal, 1 when it could not listen. */
export async function serve(settings: Settings, terminal: Terminal, ways: Ways = {}): Promise<0 | 1 | 2> {
  refuseSelf(settings);
  const count = settings.workers === 'auto' ? availableParallelism() : settings.workers;
  if (count > 1) return (await import('./serve-workers.ts')).serveWorkers(settings, count, terminal, ways);
  const proxy = createProxy(settings, ways.load, (trouble) => terminal.say(`etagere: ${printable(String(trouble))}`));
  const stopped = firstStop(terminal);
  const close = async (): Promise<void> => {
    if ((await proxy.close()) === 'late') terminal.exitNow(0);
    else endEvenIfHeld(terminal);
  };
  const listening = listenAll(proxy, settings, (line) => terminal.say(`etagere: ${line}`));
  // The shelf may be long in opening, or never open, where its disk hangs.
  const places = await Promise.race([listening, stopped.then(() => 'stopped' as const)]);
  if (places === undefined || places === 'stopped') {
    listening.catch(() => undefined);
    await close();
    return places === undefined ? 1 : 0;
  }
  terminal.onHangup(() => {
    if (settings.logFile !== undefined) proxy.reopenLog();
    if (settings.logFile === undefined || ways.load !== undefined) tellReload(proxy.reload(), terminal);
  });
  terminal.onRestart(() => {
    terminal.say('etagere: there are no workers to restart: restart Etagere itself, or start it with --workers 2');
  });
  // Whoever reads that it is ready may send signals at once.
  tellReady(places, settings, terminal);
  ways.onReady?.(places.urls[0] ?? '');
  await stopped;
  tellDraining(terminal);
  await close();
  return 0;
}

/** @throws UsageError for the first of what would have it ask itself */
function refuseSelf(settings: Settings): void {
  const [first] = selfReferences(settings);
  if (first !== undefined) throw new UsageError(`${pathText(first.path)}: ${first.problem}`, first.advice);
}

/** `serve` before the bundled example origin; says what to try. */
export async function serveDemo(options: Omit<EtagereOptions, 'origin'>, terminal: Terminal): Promise<0 | 1 | 2> {
  const origin = await startDemoOrigin({ lineDelayMs: 200, now: () => new Date() });
  try {
    const onReady = (url: string): void => {
      terminal.say(
        `\nThe example origin runs in this process. Ask it through Etagere, twice, and watch Cache-Status:\n`,
      );
      terminal.say(`${thingsToTry(url)}\nCtrl-C ends it; etagere --help shows the rest.`);
    };
    return await serve(resolveSettings({ ...options, origin: origin.url }), terminal, { onReady });
  } finally {
    await origin.close();
  }
}
