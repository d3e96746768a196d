import type { Terminal } from '../../../src/cli/terminal.ts';

/** A terminal whose lines can be awaited, with a hand on its stop key. */
export class TestTerminal implements Terminal {
  readonly variables: Record<string, string>;
  readonly nodeVersion: string;
  printed = '';
  readonly said: string[] = [];
  readonly exits: number[] = [];
  machineBytes = 2 ** 40;
  stop: () => void = () => undefined;
  hangUp: () => void = () => undefined;
  #onLine: () => void = () => undefined;

  constructor(variables: Record<string, string> = {}, nodeVersion = 'v24.0.0') {
    this.variables = variables;
    this.nodeVersion = nodeVersion;
  }

  print(text: string): void {
    this.printed += text;
  }

  say(line: string): void {
    this.said.push(line);
    this.#onLine();
  }

  /** There is no screen. */
  show(): void {}

  onStop(callback: () => void): void {
    this.stop = callback;
  }

  onRestart(): void {}

  onHangup(callback: () => void): void {
    this.hangUp = callback;
  }

  exitNow(code: number): void {
    this.exits.push(code);
  }

  /** The first line that matches, as soon as it is said. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.said) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }
}
