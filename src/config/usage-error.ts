/**
 * A mistake of whoever configured us: `problem` says what is wrong and where, `advice` what to write instead. The command line
 * prints both and exits with `exitCode`; an embedding program gets it thrown.
 */
export class UsageError extends Error {
  readonly exitCode = 2;
  readonly problem: string;
  readonly advice: string;

  constructor(problem: string, advice: string) {
    super(`${problem}; ${advice}`);
    this.name = 'UsageError';
    this.problem = problem;
    this.advice = advice;
  }
}

/**
 * Runs `read`, and names the `place` (a flag, a variable, an option) in the UsageError that it throws.
 * @throws UsageError
 */
export function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${place}: ${error.problem}`, error.advice);
  }
}
