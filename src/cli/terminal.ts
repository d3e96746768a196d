import { totalmem } from 'node:os';

/** What the command line touches of its process; a test gives its own. */
export interface Terminal {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `v20.20.2` */
  readonly nodeVersion: string;
  /** Whether stdout is a screen that shows colours; not so unless said. */
  readonly colours?: boolean;
  /** To stdout. */
  print(text: string): void;
  /** To stderr, with a line end. */
  say(line: string): void;
  /** To stderr, in the place of what this said before; where that is no screen, nothing. `''` takes it away. */
  show(line: string): void;
  /** Memory of this machine, or of the container that the process runs in, in bytes. */
  readonly machineBytes: number;
  /** Calls back at each SIGTERM or SIGINT from now on. */
  onStop(callback: () => void): void;
  /** Calls back at each SIGHUP from now on; before, one ends the process. */
  onHangup(callback: () => void): void;
  /** Calls back at each SIGUSR2 from now on; before, one ends the process. */
  onRestart(callback: () => void): void;
  /** Ends the process now, whatever is under way: by the signal that came last, or else with that code. */
  exitNow(code: number): void;
}

const startOfLine = '\r';
const eraseLine = '\u001B[K';

/** What a container may have is less than the machine has; without one the system says 0 or a number beyond all memory. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * The process that runs. Makes sure that it outlives whoever reads what it says: a broken pipe is no reason to end, nor to end otherwise. And that
 * nobody opens it to all who have an account on the machine, by the signal that has other servers open their logs anew: Node's answer to that is a debugger.
 */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('SIGUSR1', () => {
    const instead = 'SIGHUP has the log file opened anew, and the configuration read';
    process.stderr.write(`etagere: SIGUSR1 means nothing here; ${instead}\n`);
  });
  let lastSignal: NodeJS.Signals = 'SIGTERM';
  return {
    variables: process.env,
    nodeVersion: process.version,
    colours: process.stdout.isTTY && process.stdout.hasColors(),
    print: (text) => void process.stdout.write(text),
    say: (line) => void process.stderr.write(`${line}\n`),
    show(line) {
      if (process.stderr.isTTY) process.stderr.write(`${startOfLine}${eraseLine}${line}`);
    },
    machineBytes: machineBytes(),
    onStop(callback) {
      for (const signal of stopSignals) {
        process.on(signal, () => {
          lastSignal = signal;
          callback();
        });
      }
    },
    onHangup(callback) {
      process.on('SIGHUP', callback);
    },
    onRestart(callback) {
      process.on('SIGUSR2', callback);
    },
    exitNow(code) {
      // The signal itself, as an exit would wait for threads: for a lookup in the DNS, for a terminal that was halted. The first process of a container is
      // deaf to it.
      process.removeAllListeners(lastSignal);
      process.kill(process.pid, lastSignal);
      process.exit(code);
    },
  };
}
