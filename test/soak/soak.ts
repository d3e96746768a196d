import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../fuzz/random.ts';
import { Book } from './book.ts';
import { type FaultWindow, faultTurns } from './fault-turns.ts';
import { type ClientError, Load, type Tally } from './load.ts';
import { comes } from './patience.ts';
import {
  fewestOfEachMinute,
  isFlat,
  riseOfPeaks,
  type Sample,
  sampleOf,
  sampling,
  type Trend,
  trendOf,
} from './samples.ts';
import { type Shape, type Stage, stageOf } from './stage.ts';

/** For how long, how much, and what of it is drawn. */
export interface SoakOptions {
  readonly ms: number;
  /** Requests a second. */
  readonly rate: number;
  /** From one fault to the next. */
  readonly faultEveryMs: number;
  readonly seed: number;
}

/** What came of one shape. */
export interface Soaked {
  readonly shape: Shape;
  readonly seconds: number;
  readonly tally: Tally;
  readonly originRequests: number;
  readonly windows: readonly FaultWindow[];
  /** Errors that no fault excuses. */
  readonly unexcused: readonly ClientError[];
  readonly samples: readonly Sample[];
  /** Before the first request, and when the last one had its end. */
  readonly descriptors: { readonly before: number; readonly after: number };
  /** What was said on stderr, the numbers in it replaced, and how often. */
  readonly said: ReadonlyMap<string, number>;
  /** Everything that must not be. */
  readonly failures: readonly string[];
}

/** Until then memory fills up to its bounds and code is compiled: what rises meanwhile says nothing. It takes a third of the time, and within these. */
const warmMs = { share: 1 / 3, least: 5 * 60_000, most: 60 * 60_000 };
/** Of less nobody can tell whether it rises. */
const leastTrendHours = 5 / 60;
/** What a process may have open and had not before, as code that was needed only once there was something to do. */
const moreDescriptors = 8;
const mostTold = 20;
const betweenLooksMs = 500;

/** Runs one shape under load and faults, and holds all of it. */
export async function soak(shape: Shape, options: SoakOptions): Promise<Soaked> {
  const book = new Book();
  const stage = await stageOf(shape, book);
  try {
    return await soakOn(stage, book, options);
  } catch (error) {
    await stage.close();
    throw error;
  }
}

async function soakOn(stage: Stage, book: Book, { ms, rate, faultEveryMs, seed }: SoakOptions): Promise<Soaked> {
  const failures: string[] = [];
  const watch = watchedEnds(stage, failures);
  const before = sampleOf(stage.pids()).descriptors;
  const processes = stage.pids().length;
  const load = new Load(stage, book, { rate, seed });
  const turns = faultTurns(stage, new Random(seed), faultEveryMs);
  const sampler = sampling(stage.pids);
  const fromMs = performance.now();
  await pause(ms);
  sampler.stop();
  await turns.stop();
  await load.stop();
  const seconds = (performance.now() - fromMs) / 1_000;
  stage.origin.closeConnections();
  const after = await settledDescriptors(stage, before, failures);
  failures.push(...(await internalErrors(stage)));
  clearInterval(watch);
  const unexcused = load.tally.errors.filter((error) => !isExcused(error, turns.windows));
  failures.push(...turns.failures, ...(await stage.close()), ...trendFailures(sampler.samples, fromMs, processes));
  const timed = (error: ClientError): string => `${error.what}; ${whenOf(error, fromMs, turns.windows)}`;
  failures.push(...told('wrong', load.tally.wrong.map(timed)), ...told('wrong at the origin', book.faults));
  failures.push(...told('error', unexcused.map(timed)), ...idleness(load.tally));
  const lines = stage.launched.flatMap(({ etagere }) => etagere.lines);
  failures.push(...told('on stderr', lines.filter(isTrouble)));
  return {
    shape: stage.shape,
    seconds,
    tally: load.tally,
    originRequests: stage.origin.requests,
    windows: turns.windows,
    unexcused,
    samples: sampler.samples,
    descriptors: { before, after },
    said: counted(lines),
    failures,
  };
}

/** Notes whoever ends and should not. Those that begin later are watched as well, until that is cleared. */
function watchedEnds(stage: Stage, failures: string[]): NodeJS.Timeout {
  const watched = new Set<unknown>();
  const watch = (): void => {
    for (const instance of stage.launched) {
      if (watched.has(instance)) continue;
      watched.add(instance);
      void instance.etagere.ended.then((code) => {
        if (!instance.mayEnd) failures.push(`etagere ended with ${code}`);
      });
    }
  };
  watch();
  return setInterval(watch, betweenLooksMs).unref();
}

/** Descriptors once all that was open for a request has been closed. */
export async function settledDescriptors(stage: Stage, before: number, failures: string[]): Promise<number> {
  const now = (): number => sampleOf(stage.pids()).descriptors;
  const most = before + moreDescriptors * stage.pids().length;
  try {
    await comes(`no more than ${most} descriptors`, () => now() <= most);
  } catch (error) {
    failures.push(`${String(error)}: there were ${before}, and are ${now()}`);
  }
  return now();
}

/** By the metrics of each instance. */
export async function internalErrors(stage: Stage): Promise<string[]> {
  const pages = await Promise.all(
    stage.instances.map(async ({ admin }) => {
      const response = await fetch(`${admin}/metrics`, { signal: AbortSignal.timeout(15_000) });
      return response.text();
    }),
  );
  return pages.flatMap((page) => page.match(/^etagere_errors_total\{[^}]*code="INTERNAL"[^}]*\} [1-9].*$/gm) ?? []);
}

function isExcused({ fromMs, toMs }: ClientError, windows: readonly FaultWindow[]): boolean {
  return windows.some(({ fault, ...window }) => fault.isNoticed && toMs >= window.fromMs && fromMs <= window.toMs);
}

/** In seconds since the beginning, with the last fault that had begun. */
function whenOf({ fromMs, toMs }: ClientError, beganMs: number, windows: readonly FaultWindow[]): string {
  const seconds = (ms: number): string => ((ms - beganMs) / 1_000).toFixed(1);
  const last = windows.findLast((window) => window.fromMs <= toMs);
  const fault =
    last === undefined ? 'before any fault' : `${last.fault.name} at ${seconds(last.fromMs)}-${seconds(last.toMs)} s`;
  return `at ${seconds(fromMs)}-${seconds(toMs)} s, ${fault}`;
}

/** What rises that must not. @param processes how many there are */
export function trendFailures(samples: readonly Sample[], fromMs: number, processes: number): string[] {
  const { memory, descriptors } = trendsOf(samples, fromMs);
  const found = [
    // A collector that comes seldom makes a line of the same waves that rises by chance; who leaks has higher waves, too.
    {
      what: 'memory',
      trend: memory,
      isNone: (trend: Trend) => isFlat({ ...trend, rise: riseOfPeaks(warmed(samples, fromMs)) }),
    },
    { what: 'descriptors', trend: descriptors, isNone: ({ rise }: Trend) => rise <= moreDescriptors * processes },
  ];
  return found.flatMap(({ what, trend, isNone }) =>
    trend === undefined || trend.hours < leastTrendHours || isNone(trend) || isFlat(trend)
      ? []
      : [`${what} rises: by ${trend.rise.toFixed(0)} from ${trend.mean.toFixed(0)} in ${trend.hours.toFixed(2)} h`],
  );
}

/** The lines through memory, and through the fewest descriptors of each minute, once it has warmed up: how many are open above these is what is under way. @param fromMs when the first request was made */
export function trendsOf(
  samples: readonly Sample[],
  fromMs: number,
): Record<'memory' | 'descriptors', ReturnType<typeof trendOf>> {
  const warm = warmed(samples, fromMs);
  return {
    memory: trendOf(warm, ({ memoryBytes }) => memoryBytes),
    descriptors: trendOf(fewestOfEachMinute(warm), (sample) => sample.descriptors),
  };
}

function warmed(samples: readonly Sample[], fromMs: number): readonly Sample[] {
  const untilMs = samples.at(-1)?.atMs ?? fromMs;
  const warmsMs = Math.min(Math.max((untilMs - fromMs) * warmMs.share, warmMs.least), warmMs.most);
  return samples.filter(({ atMs }) => atMs >= fromMs + warmsMs);
}

/** What was not asked, or never hit, was not held either. */
function idleness({ requests, hits, byKind, purges }: Tally): string[] {
  const missing = ['hot', 'miss', 'conditional', 'range', 'large', 'private', 'post'].filter(
    (kind) => !byKind.has(kind),
  );
  return [
    ...missing.map((kind) => `there was no request of the kind ${kind}`),
    ...(hits * 10 < requests ? [`there were ${hits} hits of ${requests} requests`] : []),
    ...(purges === 0 ? ['there was no purge'] : []),
  ];
}

/** A line that no operator should ever see: not ours, or of an exception. */
export function isTrouble(line: string): boolean {
  return (
    !/^(etagere[^ :]*( listening| admin|:)|  \S*etagere\.yaml:)/.test(line) ||
    /unhandled|uncaught|exception|TypeError|RangeError/i.test(line)
  );
}

function counted(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const kind = line
      .replace(/\betagere-[\w.-]+/g, 'etagere-ID')
      .replace(/\d+(\.\d+)?/g, 'N')
      .slice(0, 160);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

export function told(what: string, list: readonly string[]): string[] {
  const more = list.length - mostTold;
  return [...list.slice(0, mostTold).map((each) => `${what}: ${each}`), ...(more > 0 ? [`${what}: ${more} more`] : [])];
}
