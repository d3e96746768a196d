/** What the command line touches of its process; a test gives its own. */
export interface Terminal {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `v20.20.2` */
  readonly nodeVersion: string;
  /** To stdout. */
  print(text: string): void;
  /** To stderr, with a line end. */
  say(line: string): void;
  /** Calls back at each SIGTERM or SIGINT from now on. */
  onStop(callback: () => void): void;
  /** Ends the process now, whatever is under way. */
  exitNow(code: number): void;
}

/** The process that runs. */
export const processTerminal: Terminal = {
  variables: process.env,
  nodeVersion: process.version,
  print: (text) => void process.stdout.write(text),
  say: (line) => void process.stderr.write(`${line}\n`),
  onStop(callback) {
    process.on('SIGTERM', callback);
    process.on('SIGINT', callback);
  },
  exitNow: (code) => process.exit(code),
};
