import { setTimeout as pause } from 'node:timers/promises';
import type { LaunchedEtagere } from '../real/etagere-launch.ts';

/** Two workers, one after the other, each of which may have to begin on a busy machine, and to finish what the old one has under way. */
const patienceMs = 90_000;
const betweenLooksMs = 50;

/** Resolves when it has come; rejects where it has not within a minute and a half. */
export async function comes(what: string, hasCome: () => boolean): Promise<void> {
  const until = performance.now() + patienceMs;
  while (!hasCome()) {
    if (performance.now() > until) throw new Error(`${what} did not come within ${patienceMs / 1_000} s`);
    await pause(betweenLooksMs);
  }
}

/** Resolves when it has said a line that matches, after so many others. */
export async function saidSince({ lines }: LaunchedEtagere, since: number, pattern: RegExp): Promise<void> {
  await comes(`a line like ${pattern}`, () => lines.slice(since).some((line) => pattern.test(line)));
}
