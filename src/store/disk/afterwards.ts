/** Runs a task later, if the process lasts so long; the result calls it off. */
export type After = (ms: number, task: () => void) => () => void;

export const afterwards: After = (ms, task) => {
  const timer = setTimeout(task, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
