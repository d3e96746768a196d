import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { runDesk } from '../../../src/cli/desk.ts';
import type { LiveOutput, Screen } from '../../../src/cli/live-output.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

/** A terminal and its stdout: what was written can be awaited. */
export class DeskTerminal implements Terminal, LiveOutput {
  readonly variables: Readonly<Record<string, string>>;
  readonly nodeVersion = 'v24.0.0';
  readonly machineBytes = 2 ** 40;
  readonly screen: Screen | undefined;
  printed = '';
  readonly said: string[] = [];
  stop: () => void = () => undefined;
  readonly #reader = new AbortController();
  #onWritten: (text: string) => void = () => undefined;

  constructor(variables: Readonly<Record<string, string>> = {}, screen?: Screen) {
    this.variables = variables;
    this.screen = screen;
  }

  get gone(): AbortSignal {
    return this.#reader.signal;
  }

  /** Nobody reads stdout any more. */
  leave(): void {
    this.#reader.abort();
  }

  print(text: string): void {
    this.printed += text;
    this.#onWritten(text);
  }

  write(text: string): Promise<void> {
    this.print(text);
    return Promise.resolve();
  }

  /** Called for each text that is written from now on. */
  onWritten(callback: (text: string) => void): void {
    this.#onWritten = callback;
  }

  say(line: string): void {
    this.said.push(line);
  }

  show(): void {}

  onStop(callback: () => void): void {
    this.stop = callback;
  }

  onHangup(): void {}

  onRestart(): void {}

  exitNow(): void {}
}

/** Runs `etagere` with these arguments of a command that asks an admin API. Resolves with the exit code. */
export function desk(terminal: DeskTerminal, ...args: readonly string[]): Promise<0 | 1> {
  const commandLine = parseCommandLine(args, '1.0.0');
  if (commandLine.kind !== 'desk') throw new Error(`${args[0]} is ${commandLine.kind}`);
  return runDesk(commandLine.command, terminal, () => terminal);
}

/** A server of a test, with what ends it. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on a free port of this machine. */
export async function served(answer: RequestListener): Promise<Served> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
