import { Command, CommanderError, Option } from 'commander';
import { flags } from '../config/flags.ts';
import { UsageError } from '../config/usage-error.ts';

/** What a command line asks for. `flags` holds what was said, by name, as text (`true` for a switch). */
export type CommandLine =
  | { readonly kind: 'serve'; readonly origin: string | undefined; readonly flags: Readonly<Record<string, string>> }
  | { readonly kind: 'demo'; readonly flags: Readonly<Record<string, string>> }
  | { readonly kind: 'print'; readonly text: string };

const examples = `
Examples:
  etagere http://localhost:3000                        a cache on 127.0.0.1:8080 before your server
  etagere https://api.example.com --default-ttl 5s     an API that says nothing about caching, asked every 5 seconds at most
  etagere http://localhost:3000 --stale-if-error 1h    what is on the shelf is served while the server is down
  etagere http://localhost:3000 --listen 0.0.0.0:80 --memory 1gb
  etagere demo                                         a cache before a bundled example origin, with what to try

Sizes are written 64kb, 256mb, 1gb; durations 500ms, 30s, 5m, 1h, 2d; addresses 127.0.0.1:8080, :8080, [::1]:8080.
Each flag can be given by a variable as well: --default-ttl is ETAGERE_DEFAULT_TTL, the origin is ETAGERE_ORIGIN. A flag wins.
Every response says what became of it in its Cache-Status field: curl -si http://127.0.0.1:8080/ | grep -i cache-status
`;

/**
 * Reads the arguments after the program's name.
 * @throws UsageError for what can't be understood, with a suggestion where one is near
 */
export function parseCommandLine(args: readonly string[], version: string): CommandLine {
  let parsed: CommandLine | undefined;
  const printed: string[] = [];
  const program = createProgram(version, printed, (commandLine) => {
    parsed = commandLine;
  });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: printed.join('') };
    throw usageError(error);
  }
  return parsed ?? { kind: 'demo', flags: {} };
}

function createProgram(version: string, printed: string[], parsed: (commandLine: CommandLine) => void): Command {
  const program = new Command('etagere')
    .description('An HTTP caching reverse proxy that obeys RFC 9111 and can say why.')
    .usage('<origin-url> [options]')
    .argument('[origin-url]', 'the server to cache, like http://localhost:3000; without it, the demo')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', examples)
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => undefined })
    .exitOverride();
  for (const flag of flags) {
    const shownDefault = flag.byDefault === '' ? '' : ` (default: ${flag.byDefault})`;
    const value = flag.value === undefined ? '' : ` ${flag.value}`;
    program.addOption(new Option(`--${flag.name}${value}`, flag.summary + shownDefault).helpGroup(`${flag.group}:`));
  }
  program.action((origin: string | undefined) => parsed({ kind: 'serve', origin, flags: saidFlags(program) }));
  program
    .command('demo')
    .description('a proxy before a bundled example origin, with what to try printed')
    .action(() => parsed({ kind: 'demo', flags: saidFlags(program) }));
  return program;
}

/** Commander's camel-cased values by the names of our table. */
function saidFlags(program: Command): Record<string, string> {
  const said: Record<string, string> = {};
  for (const option of program.options) {
    const value: unknown = program.getOptionValue(option.attributeName());
    if (option.long === undefined) continue;
    if (typeof value === 'string') said[option.long.slice(2)] = value;
    else if (value === true) said[option.long.slice(2)] = 'true';
  }
  return said;
}

/** Commander puts its suggestion into a second line: `(Did you mean --memory?)`. */
function usageError(error: CommanderError): UsageError {
  const [problem = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const advice =
    suggestion === undefined ? 'etagere --help shows what there is' : suggestion.replace(/^\((.*)\)$/, '$1');
  return new UsageError(problem.replace(/\.$/, ''), advice.replace('Did', 'did'));
}
