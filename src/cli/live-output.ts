import type { Terminal } from './terminal.ts';

/** A screen that can be drawn on, with its keys. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Takes the whole screen and the keyboard, until the result is called: then all is as it was before. */
  open(onKey: (key: string) => void): () => void;
}

/** Stdout, for commands that say something until they are ended. */
export interface LiveOutput {
  /** Resolves as soon as it may be given more. */
  write(text: string): Promise<void>;
  /** Aborted when nobody reads it any more, as with `| head`. */
  readonly gone: AbortSignal;
  /** Undefined where stdout is no terminal. */
  readonly screen: Screen | undefined;
}

const escape = '\u001B';
const takeScreen = `${escape}[?1049h${escape}[?25l`;
const giveScreenBack = `${escape}[?25h${escape}[?1049l`;
const toTop = `${escape}[H`;
const eraseRestOfLine = `${escape}[K`;
const eraseBelow = `${escape}[J`;

/** What shows these lines in the place of what was shown. Nothing is erased before it is overwritten, so that nothing flickers. */
export function frame(lines: readonly string[]): string {
  return `${toTop}${lines.map((line) => line + eraseRestOfLine).join('\r\n')}${eraseBelow}`;
}

/** Stdout of this process. */
export function processOutput({ stdout, stdin }: NodeJS.Process): LiveOutput {
  const gone = new AbortController();
  stdout.on('error', () => gone.abort());
  return {
    gone: gone.signal,
    write: (text) =>
      new Promise((resolve) => {
        // A reader that left is told by its signal, and by no error.
        stdout.write(text, () => resolve());
      }),
    screen: stdout.isTTY ? screenOf(stdout, stdin) : undefined,
  };
}

function screenOf(stdout: NodeJS.WriteStream, stdin: NodeJS.ReadStream): Screen {
  return {
    // A terminal that does not tell its size says 0.
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    open(onKey) {
      const onData = (data: Buffer): void => {
        for (const key of data.toString('latin1')) onKey(key);
      };
      const giveBack = (): void => void stdout.write(giveScreenBack);
      // However the process ends, it leaves no terminal without a cursor.
      process.once('exit', giveBack);
      stdout.write(takeScreen);
      if (stdin.isTTY) stdin.setRawMode(true).on('data', onData).resume();
      return () => {
        if (stdin.isTTY) stdin.off('data', onData).setRawMode(false).pause();
        process.off('exit', giveBack);
        giveBack();
      };
    },
  };
}

/** The signal that ends a command: somebody wants it to stop, or nobody reads it any more. */
export function endOf(terminal: Terminal, output: LiveOutput): AbortController {
  const end = new AbortController();
  terminal.onStop(() => end.abort());
  if (output.gone.aborted) end.abort();
  output.gone.addEventListener('abort', () => end.abort());
  return end;
}
