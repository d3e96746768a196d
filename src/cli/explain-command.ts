import type { Command } from 'commander';

/** What stands after `etagere explain`, as text. */
export interface ExplainArguments {
  readonly url: string;
  readonly header?: readonly string[];
  readonly method?: string;
  readonly origin?: string;
  readonly admin?: string;
  readonly json?: boolean;
  readonly rules?: boolean;
  readonly strict?: boolean;
  /** What was said of the cache, by the names of its own flags. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Flags of the cache on which it depends what becomes of a request. */
export const explainFlags: readonly string[] = [
  'config',
  'preset',
  'default-ttl',
  'stale-if-error',
  'stale-beside-s-maxage',
  'allow-unkeyed-echo',
  'memory',
  'max-object-share',
  'connect-timeout',
  'head-timeout',
  'body-timeout',
  'origin-ca',
  'origin-cert',
  'origin-key',
  'origin-server-name',
];

const explainExamples = `
Beside these, the flags of the cache that say what it stores and for how long, and how the origin is asked: ${explainFlags.map((name) => `--${name}`).join(', ')}.

Examples:
  etagere explain http://localhost:3000/logo.png                    ask that server, through a cache that is empty at first
  etagere explain http://shop.test/a --origin http://localhost:3000   the same, for what clients call http://shop.test/a
  etagere explain http://localhost:3000/ -H 'Cookie: id=1' -H 'Accept-Language: de'
  etagere explain http://shop.test/a --admin http://127.0.0.1:8081    what the cache that runs there would do, by what is on its shelf
  etagere explain http://localhost:3000/ --json | jq .findings

A token of the admin API is given as ETAGERE_ADMIN_TOKEN. What -H says of the client counts as if a trusted proxy had sent it.
Exit codes: 0 such a request is a hit, 1 it is not (or nobody answers; with --strict, or the response has an error), 2 a mistake in the arguments, or a token that is missing or wrong.
`;

/** What is said after `explain` itself. */
type OwnArguments = Omit<ExplainArguments, 'flags'>;

/** Adds the command. `parsed` is told what was said to it. */
export function addExplain(program: Command, parsed: (given: OwnArguments) => void): void {
  program
    .command('explain')
    .description('say why a request is a hit or not, and what would make it one')
    .argument('<url>', 'what a client asks for')
    .option(
      "-H, --header <'name: value'>",
      'a header line of the request; any number of times (Accept, Accept-Encoding and User-Agent are there unless said)',
      collected,
    )
    .option('--method <method>', 'of the request: GET or HEAD (default: GET)')
    .option('--origin <url>', 'the server to ask, where that is not the one in the URL')
    .option('--admin <url>', 'a cache that runs, to ask instead: the address of its admin API')
    .option('--rules', 'show every rule that was looked at, not only the one that decided')
    .option('--strict', 'end with 1 also where the linter calls something an error')
    .option('--json', 'print JSON')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', explainExamples)
    .action((url: string, options: Omit<OwnArguments, 'url'>) => parsed({ url, ...options }));
}

function collected(line: string, before: readonly string[] = []): string[] {
  return [...before, line];
}
