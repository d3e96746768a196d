import type { Writing } from './names.ts';
import { UsageError } from './usage-error.ts';

/** The way to a value: `routes`, 2, `match`. */
export type Path = readonly (string | number)[];

/** A mistake in a configuration. */
export interface Problem {
  readonly path: Path;
  /** What to point at: the name at the end of the path, or what stands behind it. */
  readonly about: 'name' | 'value';
  readonly problem: string;
  readonly advice: string;
}

/** A place in a configuration, where mistakes are noted: all of them, and not only the first. */
export class Place {
  readonly path: Path;
  /** How whoever has made the mistake names settings. */
  readonly writing: Writing;
  readonly #found: Problem[];

  constructor(found: Problem[], path: Path = [], writing: Writing = 'flags') {
    this.#found = found;
    this.path = path;
    this.writing = writing;
  }

  /** A place below this one. */
  at(...steps: Path): Place {
    return new Place(this.#found, [...this.path, ...steps], this.writing);
  }

  /** What `read` returns; where it throws a UsageError, that is noted, and `otherwise` stands in so that the reading goes on. */
  read<T>(otherwise: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.refuse(error.problem, error.advice);
      return otherwise;
    }
  }

  refuse(problem: string, advice: string, about: Problem['about'] = 'value'): void {
    this.#found.push({ path: this.path, about, problem, advice });
  }
}

/** `routes[2].match.host`, as a program would write it. */
export function pathText(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`;
      // No name has an "@": it is a value, with a password perhaps.
      if (step.includes('@')) return '["…"]';
      return isPlainName(step) ? `${i > 0 ? '.' : ''}${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
}

function isPlainName(step: string): boolean {
  return /^[a-z_$][\w$-]*$/i.test(step);
}

/** A problem as it is told. */
export interface Mistake {
  /** Of a file, from 1. */
  readonly line?: number;
  readonly column?: number;
  /** `routes[2].match.host`; empty where the mistake is in no value. */
  readonly path: string;
  readonly problem: string;
  readonly advice: string;
}

/** Nobody reads more of them at once, and to look for all in a file that is no configuration takes long. */
export const maxMistakes = 50;

/** All mistakes of a configuration: one is told in a line, several in one each. */
export class ConfigurationError extends UsageError {
  readonly mistakes: readonly Mistake[];

  /**
   * @param heading stands before several, made of their number: `etagere.yaml has 2 mistakes`
   * @param mistakes one at least; those beyond `maxMistakes` are not told
   * @param placeOf `etagere.yaml:4:5 routes[2].match.host`
   */
  constructor(heading: (count: string) => string, mistakes: readonly Mistake[], placeOf: (mistake: Mistake) => string) {
    const first = mistakes.slice(0, maxMistakes);
    const told = first.map((mistake) => new UsageError(`${placeOf(mistake)}: ${mistake.problem}`, mistake.advice));
    const [one] = told;
    super(one?.problem ?? '', one?.advice ?? '');
    this.name = 'ConfigurationError';
    this.mistakes = first;
    const count = mistakes.length > maxMistakes ? `more than ${maxMistakes}` : `${told.length}`;
    if (told.length > 1) this.message = [`${heading(count)}:`, ...told.map(({ message }) => `  ${message}`)].join('\n');
  }
}

/**
 * Throws if there are problems, for those who know them by their paths.
 * @throws ConfigurationError
 */
export function refuseProblems(found: readonly Problem[]): void {
  if (found.length === 0) return;
  const mistakes = found.map(({ path, problem, advice }) => ({ path: pathText(path), problem, advice }));
  throw new ConfigurationError(
    (count) => `${count} options are wrong`,
    mistakes,
    ({ path }) => path,
  );
}
