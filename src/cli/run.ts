import type { Overrides } from '../config/file.ts';
import { readOptions, readOrigin, variableWarnings } from '../config/flags.ts';
import { ownVersion } from '../config/own-version.ts';
import { resolveSettings } from '../config/resolve.ts';
import { namesCertificates } from '../config/tls-options.ts';
import { UsageError } from '../config/usage-error.ts';
import { warningsOf } from '../config/warnings.ts';
import type { LoadSettings } from '../in-force.ts';
import { parseCommandLine } from './command-line.ts';
import { play } from './play.ts';
import { printableLines } from './printable.ts';
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
    if (commandLine.kind === 'check') return await (await import('./check.ts')).check(commandLine, terminal);
    if (commandLine.kind === 'explain') return await (await import('./explain.ts')).explain(commandLine, terminal);
    if (commandLine.kind === 'desk') return await (await import('./desk.ts')).runDesk(commandLine.command, terminal);
    const { config, ...options } = readOptions(commandLine.flags, terminal.variables);
    const origin = commandLine.kind === 'serve' ? readOrigin(commandLine.origin, terminal.variables) : undefined;
    const isDemo = origin === undefined && config === undefined;
    warnOfVariables(terminal, commandLine.kind === 'serve' && isDemo);
    if (isDemo) return await serveDemo({ log: 'auto', ...options }, terminal);
    if (commandLine.kind === 'demo')
      throw new UsageError('a configuration file is not for the demo', 'leave out demo, or --config');
    const said = origin === undefined ? options : { ...options, origin };
    if (config !== undefined) return await serveFile(config, said, terminal);
    const read: LoadSettings = () => {
      const settings = resolveSettings({ log: 'auto', ...said });
      return { settings, warnings: warningsOf(settings) };
    };
    const { settings, warnings } = read();
    for (const warning of warnings) terminal.say(`etagere: ${warning}`);
    // Of what flags say, only what they name can be another: a certificate.
    return await serve(settings, terminal, namesCertificates(settings) ? { load: read } : {});
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.say(`etagere: ${printableLines(error.message)}`);
    return error.exitCode;
  }
}

/** What reads a file is loaded only where there is one: nobody else should wait for it. */
async function serveFile(path: string, said: Overrides, terminal: Terminal): Promise<0 | 1 | 2> {
  const { configText, readConfig } = await import('../config/file.ts');
  const read: LoadSettings = () => {
    const settings = readConfig(configText(path), said, terminal.variables);
    return { settings, warnings: warningsOf(settings) };
  };
  const { settings, warnings } = read();
  for (const warning of warnings) terminal.say(`etagere: ${warning}`);
  return serve(settings, terminal, { load: read });
}

/**
 * Tells of variables that mean nothing.
 * @throws UsageError where one of them was most likely to be the origin: whoever sets variables did not want the demo
 */
function warnOfVariables(terminal: Terminal, wouldBeDemo: boolean): void {
  const warnings = variableWarnings(terminal.variables);
  if (wouldBeDemo && warnings[0] !== undefined) {
    throw new UsageError(`no origin is given, and ${warnings.join('; ')}`, 'name the origin, or say etagere demo');
  }
  for (const warning of warnings) terminal.say(`etagere: ${warning}`);
}
