import { readOptions, readOrigin, variableWarnings } from '../config/flags.ts';
import { resolveSettings } from '../config/options.ts';
import { ownVersion } from '../config/own-version.ts';
import { UsageError } from '../config/usage-error.ts';
import { parseCommandLine } from './command-line.ts';
import { play } from './play.ts';
import { serve, serveDemo } from './serve.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line to its end. Resolves with the exit code: 0 clean, 1 failure at run time, 2 usage or configuration. */
export async function run(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const commandLine = parseCommandLine(args, ownVersion());
    if (commandLine.kind === 'print') {
      terminal.print(commandLine.text);
      return 0;
    }
    if (commandLine.kind === 'play') return await play(commandLine, terminal);
    const warnings = variableWarnings(terminal.variables);
    const options = readOptions(commandLine.flags, terminal.variables);
    const origin = commandLine.kind === 'serve' ? readOrigin(commandLine.origin, terminal.variables) : undefined;
    if (commandLine.kind === 'serve' && origin === undefined && warnings[0] !== undefined) {
      // Most likely it was to be the origin: whoever sets variables did not want the demo.
      throw new UsageError(`no origin is given, and ${warnings.join('; ')}`, 'name the origin, or say etagere demo');
    }
    for (const warning of warnings) terminal.say(`etagere: ${warning}`);
    if (origin === undefined) return await serveDemo(options, terminal);
    return await serve(resolveSettings({ ...options, origin }), terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.say(`etagere: ${error.message}`);
    return error.exitCode;
  }
}
