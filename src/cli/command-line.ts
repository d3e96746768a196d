import { Command, CommanderError, Option } from 'commander';
import { flags } from '../config/flags.ts';
import { nearest } from '../config/nearest.ts';
import { UsageError } from '../config/usage-error.ts';
import { alternatives } from '../config/values.ts';
import { addExplain, type ExplainArguments, explainFlags } from './explain-command.ts';
import { languagePath } from './bundled-fixtures.ts';
import type { CheckArguments } from './check.ts';
import type { DeskCommand } from './desk.ts';
import { addDeskCommands, deskCommands } from './desk-commands.ts';
import { type PlayArguments, playDefaults } from './play.ts';

/** What a command line asks for. `flags` holds what was said, by name, as text (`true` for a switch). */
export type CommandLine =
  | { readonly kind: 'serve'; readonly origin: string | undefined; readonly flags: Readonly<Record<string, string>> }
  | { readonly kind: 'demo'; readonly flags: Readonly<Record<string, string>> }
  | ({ readonly kind: 'play' } & PlayArguments)
  | ({ readonly kind: 'check' } & CheckArguments)
  | ({ readonly kind: 'explain' } & ExplainArguments)
  | { readonly kind: 'desk'; readonly command: DeskCommand }
  | { readonly kind: 'print'; readonly text: string };

const commands: readonly string[] = ['demo', 'explain', 'play', 'check', ...deskCommands, 'help'];

const examples = `
Examples:
  etagere http://localhost:3000                        a cache on 127.0.0.1:8080 before your server
  etagere https://api.example.com --default-ttl 5s     an API that says nothing about caching, asked every 5 seconds at most
  etagere http://localhost:3000 --stale-if-error 1h    what is on the shelf is served while the server is down
  etagere http://localhost:3000 --listen 0.0.0.0:80 --memory 1gb
  etagere --config etagere.yaml                        several origins and routes; etagere check etagere.yaml tells what is wrong with it
  etagere demo                                         a cache before a bundled example origin, with what to try
  etagere explain http://localhost:3000/logo.png       why it is a hit or not, and what to change; etagere explain --help has more
  etagere play --target http://localhost:6081          the conformance fixtures against any cache; etagere play --help has more
  etagere tail --filter hit=false                      every miss of an Etagere that runs with --admin; also: etagere purge, stats, top

Sizes are written 64kb, 256mb, 1gb; durations 500ms, 30s, 5m, 1h, 2d; addresses 127.0.0.1:8080, :8080, [::1]:8080.
Each flag can be given by a variable as well: --default-ttl is ETAGERE_DEFAULT_TTL, the origin is ETAGERE_ORIGIN. A flag wins.
Every response says what became of it in its Cache-Status field: curl -si http://127.0.0.1:8080/ | grep -i cache-status
`;

/**
 * Reads the arguments after the program's name.
 * @throws UsageError for what can't be understood, with a suggestion where one is near
 */
export function parseCommandLine(args: readonly string[], version: string): CommandLine {
  refuseUnknownCommand(args[0] ?? '');
  if (args[0] === 'help') refuseUnknownHelp(args[1] ?? 'play');
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
    throw usageError(error, optionsOf(program, args));
  }
  return parsed ?? { kind: 'demo', flags: {} };
}

/** A word alone is neither a URL nor, most likely, meant as the name of a host. */
function refuseUnknownCommand(word: string): void {
  if (!/^[a-z][a-z-]*$/i.test(word) || word === 'localhost' || commands.includes(word)) return;
  const meant = nearest(word, commands);
  throw new UsageError(
    `"${word}" is neither a command of this version nor a URL`,
    meant === undefined
      ? `the commands are ${commands.join(', ')}; an origin with that name is http://${word}`
      : `did you mean ${meant}?`,
  );
}

function refuseUnknownHelp(word: string): void {
  const known = commands.filter((command) => command !== 'help');
  if (known.includes(word) || word.startsWith('-')) return;
  throw new UsageError(`"${word}" is no command`, `the commands are ${alternatives(known, 'and')}`);
}

function createProgram(version: string, printed: string[], parsed: (commandLine: CommandLine) => void): Command {
  const program = new Command('etagere')
    .description('An HTTP caching reverse proxy that obeys RFC 9111 and can say why.')
    .usage('<origin-url> [options]')
    .argument('[origin-url]', 'the server to cache, like http://localhost:3000; without it, the demo')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print this help, or that of a command')
    .addHelpText('after', examples)
    .configureOutput({ writeOut: (text) => printed.push(text), writeErr: () => undefined })
    // What it suggests with a command are the flags of the server, too, which most commands do not take.
    .showSuggestionAfterError(false)
    .exitOverride();
  for (const flag of flags) {
    const shownDefault = flag.byDefault === '' ? '' : ` (default: ${flag.byDefault})`;
    const value = flag.value === undefined ? '' : ` ${flag.value}`;
    const option = new Option(`--${flag.name}${value}`, flag.summary + shownDefault).helpGroup(`${flag.group}:`);
    if (flag.value !== undefined)
      option.argParser((text: string, before: string | undefined) => saidAgain(flag.name, before, text));
    program.addOption(option);
  }
  program.action((origin: string | undefined) => parsed({ kind: 'serve', origin, flags: saidFlags(program) }));
  program
    .command('demo')
    .description('a proxy before a bundled example origin, with what to try printed')
    .action(() => parsed({ kind: 'demo', flags: saidFlags(program) }));
  addExplain(program, (given) => {
    // A flag of the server that has the same name takes what was said, wherever it stands.
    const { admin, ...said } = flagsFor('explain', program);
    parsed({ kind: 'explain', ...given, ...(admin === undefined ? {} : { admin }), flags: said });
  });
  addPlay(program, (play) => {
    flagsFor('play', program);
    parsed(play);
  });
  addCheck(program, (check) => {
    flagsFor('check', program);
    parsed(check);
  });
  addDeskCommands(program, (command) => {
    const { admin } = flagsFor(command.kind, program);
    parsed({ kind: 'desk', command: admin === undefined ? command : { ...command, admin } });
  });
  return program;
}

/** Networks are a list, and are meant all of them. */
const listed: readonly string[] = ['trust-proxy', 'purge-from'];

/** What several may be named of in a file alone, and how. */
const severalInFile: ReadonlyMap<string, string> = new Map([
  ['listen', 'listen: [8080, 8081]'],
  ['tls-cert', 'tlsCert: [a.pem, b.pem]'],
  ['tls-key', 'tlsKey: [a.key, b.key]'],
]);

/**
 * The value of a flag that may have been said before. The last counts, but where somebody would wonder what became of the first.
 * @throws UsageError
 */
function saidAgain(name: string, before: string | undefined, text: string): string {
  if (before === undefined) return text;
  if (listed.includes(name)) return `${before},${text}`;
  const inFile = severalInFile.get(name);
  if (inFile === undefined) return text;
  throw new UsageError(`--${name}: it is there twice`, `leave one out, or name several in a file: ${inFile}`);
}

/** The flags of the server that mean something to another command. */
function serverFlags(command: string): readonly string[] {
  if (command === 'demo') return flags.map(({ name }) => name);
  if (command === 'explain') return ['admin', ...explainFlags];
  return deskCommands.some((each) => each === command) ? ['admin'] : [];
}

/**
 * The flags of the server that were said with another command.
 * @throws UsageError for those that mean nothing to it
 */
function flagsFor(command: string, program: Command): Record<string, string> {
  const said = saidFlags(program);
  const allowed = serverFlags(command);
  const stray = Object.keys(said).find((name) => !allowed.includes(name));
  if (stray === undefined) return said;
  throw new UsageError(`--${stray} is not for ${command}`, `etagere ${command} --help shows what there is`);
}

function addCheck(program: Command, parsed: (commandLine: CommandLine) => void): void {
  program
    .command('check')
    .description('tell what is wrong with a configuration file, or what a start with it would run')
    .argument('[file]', 'YAML or JSON (default: that of ETAGERE_CONFIG)')
    .option('--print', 'print the effective configuration, with every default filled in and secrets redacted')
    .option('--json', 'say all that as JSON')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', '\nVariables count as they would at a start. Exit codes: 0 it would start, 2 it would not.\n')
    .action((file: string | undefined, { json, print }: { json?: true; print?: true }) => {
      parsed({ kind: 'check', file, json: json === true, print: print === true });
    });
}

const playExamples = `
Examples:
  etagere play                                          every bundled fixture against Etagere itself, in a second
  etagere play 60-stale                                 the bundled fixtures of one topic
  etagere play my-fixtures/a-claim.cache                one of your own; ${languagePath} has the language
  etagere play --target http://127.0.0.1:6081           against a cache that forwards to http://127.0.0.1:${playDefaults.originPort}: two to four minutes
  etagere play --target http://127.0.0.1:6081 --patience 2m --json report.json

Exit codes: 0 no required fixture failed, 1 some did (one that is not reached fails Etagere alone), 2 a mistake in the arguments or a target that does not forward to the origin.
`;

function addPlay(program: Command, parsed: (commandLine: CommandLine) => void): void {
  program
    .command('play')
    .description('play conformance fixtures against Etagere, or against any cache')
    .argument('[fixture...]', 'files, folders, or topics that come with Etagere (default: all of them)')
    .option('--target <url>', 'a cache to play them against, in real time')
    .option('--origin-port <port>', `where the origin of the fixtures listens (default: ${playDefaults.originPort})`)
    .option('--patience <duration>', `the longest that a fixture may take (default: ${playDefaults.patience})`)
    .option('--side-by-side <count>', `fixtures that are played at once (default: ${playDefaults.sideBySide})`)
    .option('--json <file>', 'where to write the report as JSON')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', playExamples)
    .action((fixtures: string[], options: Omit<PlayArguments, 'fixtures'>) => {
      parsed({ kind: 'play', fixtures, ...options });
    });
}

/** Commander's camel-cased values by the names of our table. */
function saidFlags(program: Command): Record<string, string> {
  const said: Record<string, string> = {};
  for (const option of program.options) {
    const value: unknown = program.getOptionValue(option.attributeName());
    if (option.long === undefined) continue;
    // Of an option `--no-…` the default is true, and false that it was said.
    if (option.negate) {
      if (value === false) said[option.long.slice(2)] = 'true';
    } else if (typeof value === 'string') said[option.long.slice(2)] = value;
    else if (value === true) said[option.long.slice(2)] = 'true';
  }
  return said;
}

/** The names of the options that these arguments could have: those of the command that is among them, else those of the server. */
function optionsOf(program: Command, args: readonly string[]): string[] {
  const command = program.commands.find((each) => args.includes(each.name()));
  const own = (command ?? program).options.flatMap(({ long }) => long?.slice(2) ?? []);
  return ['help', ...own, ...(command === undefined ? [] : serverFlags(command.name()))];
}

function usageError(error: CommanderError, options: readonly string[]): UsageError {
  const problem = error.message.replace(/^error: /, '').replace(/\.$/, '');
  // What was given to an option may be secret, and it is the option that is wrong.
  const shown = problem.replace(/^(unknown option '--?[\w-]+)=.*'$/s, "$1'");
  return new UsageError(shown, adviceFor(problem, options));
}

function adviceFor(problem: string, options: readonly string[]): string {
  const [, name = '', value] = /^unknown option '(--?[\w-]+)(=.*)?'/.exec(problem) ?? [];
  const isSwitch = flags.some((flag) => `--${flag.name}` === name && flag.value === undefined);
  if (isSwitch && value !== undefined) return `it takes no value: write ${name} alone, or leave it out`;
  const meant = name.startsWith('--') ? nearest(name.slice(2), options) : undefined;
  if (meant !== undefined) return `did you mean --${meant}?`;
  if (/^-[a-z]/i.test(name)) return 'flags are written out, like --listen; etagere --help shows what there is';
  return 'etagere --help shows what there is';
}
