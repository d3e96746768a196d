import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  /** Names of workloads; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Names of servers; undefined: all. */
  readonly servers: readonly string[] | undefined;
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** Nothing is measured that means anything: only that everything runs, and answers are right. */
  readonly quick: boolean;
  /** What is measured goes into the pages, though it is not all. */
  readonly write: boolean;
  /** Each is the flags of one more Etagere in the comparison. */
  readonly etagereFlags: readonly string[];
  /** A checkout with a build of its own, one more Etagere in the comparison. */
  readonly beside: string | undefined;
}

/** What can be asked for. */
export interface KnownNames {
  readonly workloads: readonly string[];
  readonly servers: readonly string[];
}

/**
 * The arguments of the command line.
 * @throws TypeError for an argument that there is not.
 * @throws RangeError for a number or a name that is none.
 */
export function benchOptions(args: readonly string[], known: KnownNames): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'etagere-flag': { type: 'string', multiple: true, default: [] },
      beside: { type: 'string' },
    },
  });
  const { quick, write, beside } = values;
  if (write && (quick || beside !== undefined || values['etagere-flag'].length > 0)) {
    throw new RangeError('--write wants figures of what is built here, and not --quick, --beside or --etagere-flag');
  }
  return {
    only: names('only', values.only, known.workloads),
    servers: names('servers', values.servers, known.servers),
    rounds: quick ? 1 : counted('rounds', values.rounds),
    seconds: quick ? 1 : counted('seconds', values.seconds),
    quick,
    write,
    etagereFlags: values['etagere-flag'],
    beside,
  };
}

/** Whether a run with these options measures all that the page shows. */
export function isComplete({ only, servers, quick, etagereFlags, beside }: BenchOptions): boolean {
  return !quick && only === undefined && servers === undefined && etagereFlags.length === 0 && beside === undefined;
}

function names(option: string, list: string | undefined, known: readonly string[]): readonly string[] | undefined {
  const wanted = list?.split(',').map((name) => name.trim());
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`--${option} takes ${known.join(', ')}, not ${unknown}`);
  return wanted;
}

function counted(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new RangeError(`--${name} takes a whole number from 1 on, not ${text}`);
  return Number(text);
}
