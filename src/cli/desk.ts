import { AdminError } from './admin-client.ts';
import { type LiveOutput, processOutput } from './live-output.ts';
import { purge, type PurgeArguments } from './purge.ts';
import { stats, type StatsArguments } from './stats.ts';
import { tail, type TailArguments } from './tail.ts';
import type { Terminal } from './terminal.ts';
import { top, type TopArguments } from './top.ts';

/** The commands that ask the admin API of an Etagere that runs. */
export type DeskCommand =
  | ({ readonly kind: 'purge' } & PurgeArguments)
  | ({ readonly kind: 'stats' } & StatsArguments)
  | ({ readonly kind: 'top' } & TopArguments)
  | ({ readonly kind: 'tail' } & TailArguments);

/**
 * Runs one to its end. Resolves with the exit code: 1 where the admin API can't be asked or can't answer, which is said.
 * @param openOutput where commands go that say something until they are ended
 * @throws UsageError
 */
export async function runDesk(
  command: DeskCommand,
  terminal: Terminal,
  openOutput: () => LiveOutput = () => processOutput(process),
): Promise<0 | 1> {
  try {
    return await ran(command, terminal, openOutput);
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    terminal.say(`etagere: ${error.message}`);
    return 1;
  }
}

function ran(command: DeskCommand, terminal: Terminal, openOutput: () => LiveOutput): Promise<0> {
  if (command.kind === 'purge') return purge(command, terminal);
  if (command.kind === 'stats') return stats(command, terminal);
  const output = openOutput();
  return command.kind === 'top' ? top(command, terminal, output) : tail(command, terminal, output);
}
