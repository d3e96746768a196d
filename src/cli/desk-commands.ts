import { type Command, Option } from 'commander';
import type { DeskCommand } from './desk.ts';

/** Names of the commands that ask the admin API of an Etagere that runs. */
export const deskCommands: readonly DeskCommand['kind'][] = ['purge', 'stats', 'top', 'tail'];

const asking = `
Asks the Etagere at http://127.0.0.1:8081, or at --admin URL (ETAGERE_ADMIN is where the server listens, and not read here).
Where it wants a token, that is ETAGERE_ADMIN_TOKEN.
Exit codes: 0 done, 1 the admin API does not answer or can not do it, 2 a mistake in the arguments, or a token that is missing or wrong.
`;

const purgeExamples = `
Soft unless said: what matches is stale from now on, and validated before its next use. --hard removes it. Nothing asks whether you are sure; --dry-run does nothing.

Examples:
  etagere purge http://localhost:8080/logo.png          every variant of a URL, as clients ask for it
  etagere purge --prefix http://localhost:8080/blog/ --dry-run
  etagere purge --tag news --hard                       what named that tag in Surrogate-Key, Cache-Tag, xkey or Cache-Groups
  etagere purge --host shop.example                     everything of one host
  etagere purge --all
${asking}`;

const statsExamples = `
Examples:
  etagere stats
  etagere stats --json | jq .hitRatio
${asking}`;

const topExamples = `
Redrawn each second on a terminal, where q or Ctrl-C ends it; otherwise printed each second.

Examples:
  etagere top --by misses
  etagere top --once --by bytes | head
  etagere top --once --json | jq -r '.rows[].url'
${asking}`;

const tailExamples = `
Several filters must all hold: detail=set-cookie, hit!=true, url~/api/ (contains), url!~/api/, 'status>=500', 'ms>100'.

Examples:
  etagere tail --filter hit=false                       every miss, with its reason
  etagere tail --filter detail=set-cookie | head -n 5
  etagere tail --filter 'status>=500' --json | jq .url
${asking}`;

/** Adds these commands. `parsed` is told which was given, with what was said to it. */
export function addDeskCommands(program: Command, parsed: (command: DeskCommand) => void): void {
  const added = (name: string, description: string, help: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--admin <url>', 'where the admin API listens (default: http://127.0.0.1:8081)')
      .helpOption('-h, --help', 'print this help')
      .addHelpText('after', help);
  added('purge', 'purge what is stored in an Etagere that runs', purgeExamples)
    .argument('[url]', 'purge every variant of this URL')
    .option('--prefix <url>', 'purge every URL that begins so')
    .option('--host <host>', 'purge everything of a host')
    .option('--tag <tag>', 'purge everything with that tag')
    .option('--entry <id>', 'purge one stored response, by its id from /v1/entries')
    .option('--all', 'purge everything')
    .option('--hard', 'remove it; otherwise it is made stale')
    .option('--dry-run', 'only say what would match')
    .option('--json', 'print the receipt as JSON')
    .action((url: string | undefined, options: object) =>
      parsed({ kind: 'purge', ...(url === undefined ? {} : { url }), ...options }),
    );
  added('stats', 'print what an Etagere that runs has counted', statsExamples)
    .option('--json', 'print JSON')
    .action((options: object) => parsed({ kind: 'stats', ...options }));
  added('top', 'watch the URLs with the most requests, bytes or misses', topExamples)
    .option('--by <order>', 'requests, bytes or misses (default: requests)')
    .option('--once', 'print them once')
    .option('--json', 'with --once: print JSON')
    .action((options: object) => parsed({ kind: 'top', ...options }));
  added('tail', 'watch requests as they end, one a line, with why each was a hit or not', tailExamples)
    .addOption(
      new Option('--filter <test>', 'only requests for which this holds; any number of times').argParser(
        (test: string, before: readonly string[] | undefined) => [...(before ?? []), test],
      ),
    )
    .option('--json', 'print JSON, one object a line')
    .action((options: object) => parsed({ kind: 'tail', ...options }));
}
