import { around } from '../bench/tables.ts';
import { percentile } from '../bench/statistics.ts';
import { markdownTable } from '../markdown-table.ts';

/** From when to when something was wrong with Redis, until it was in use again, by `performance.now`. */
export interface FaultSpan {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** From its end until what one instance had put there was found by another, in ms. */
  readonly backMs: number;
}

/** When a request was begun, and answered. */
export interface Timed {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What clients had of it all. */
export interface Noticed {
  readonly answered: readonly Timed[];
  readonly errors: readonly Timed[];
  readonly wrong: readonly Timed[];
}

const digits = 1;

/** One row for each kind of trouble, in the order in which they are first there, beneath that of all the time that Redis was well. */
export function faultTable(spans: readonly FaultSpan[], noticed: Noticed): string {
  const kinds = [...new Set(spans.map(({ what }) => what))];
  const isWell = (timed: Timed): boolean => !spans.some((span) => meet(timed, span));
  const well = figuresOf(noticed, isWell);
  const rows = kinds.map((what) => {
    const own = spans.filter((span) => span.what === what);
    const figures = figuresOf(noticed, (timed) => own.some((span) => meet(timed, span)));
    const added = figures.p99 === undefined || well.p99 === undefined ? undefined : figures.p99 - well.p99;
    return [
      what,
      String(own.length),
      ...cellsOf(figures),
      inMs(added),
      around(
        own.map(({ backMs }) => backMs),
        0,
      ),
    ];
  });
  return markdownTable(
    [
      'Redis is',
      'times',
      'requests',
      'errors',
      'wrong',
      'p50 ms',
      'p99 ms',
      'added at p99, ms',
      'in use again after ms',
    ],
    [['well', '', ...cellsOf(well), '', ''], ...rows],
  );
}

/** The middle of these, and the ends. */
export function timesLine(ms: readonly number[]): string {
  if (ms.length === 0) return 'no time at all: there was none';
  const [p50, p99] = [50, 99].map((hundredths) => percentile(ms, hundredths).toFixed(0));
  return `${p50} ms (p50), ${p99} ms (p99), ${Math.max(...ms).toFixed(0)} ms (most of ${ms.length})`;
}

/** In which trouble that was, or after which. */
export function spanOf({ fromMs, toMs }: Timed, spans: readonly FaultSpan[]): string {
  const last = spans.findLast((span) => span.fromMs <= toMs);
  if (last === undefined) return 'before any trouble';
  const [from, to, length] = [fromMs - last.fromMs, toMs - last.fromMs, last.toMs - last.fromMs].map((ms) =>
    ms.toFixed(0),
  );
  return `from ${from} to ${to} ms after Redis began to be ${last.what}, for ${length} ms`;
}

const mostTold = 5;

export function slowestOf<T extends Timed>(answered: readonly T[]): readonly T[] {
  return answered.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, mostTold);
}

interface Figures {
  readonly requests: number;
  readonly errors: number;
  readonly wrong: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

function figuresOf({ answered, errors, wrong }: Noticed, isMeant: (timed: Timed) => boolean): Figures {
  const took = answered.filter(isMeant).map(({ fromMs, toMs }) => toMs - fromMs);
  const [p50, p99] = took.length === 0 ? [] : [percentile(took, 50), percentile(took, 99)];
  return {
    requests: took.length,
    errors: errors.filter(isMeant).length,
    wrong: wrong.filter(isMeant).length,
    p50,
    p99,
  };
}

function cellsOf({ requests, errors, wrong, p50, p99 }: Figures): string[] {
  return [...[requests, errors, wrong].map(String), inMs(p50), inMs(p99)];
}

function inMs(ms: number | undefined): string {
  return ms?.toFixed(digits) ?? '';
}

/** Whether they have a moment in common. */
function meet(one: Timed, other: Timed): boolean {
  return one.toMs >= other.fromMs && one.fromMs <= other.toMs;
}
