import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { flags } from '../../../src/config/flags.ts';
import { UsageError } from '../../../src/config/usage-error.ts';

const parse = (...args: string[]) => parseCommandLine(args, '1.2.3');

function printed(...args: string[]): string {
  const commandLine = parse(...args);
  if (commandLine.kind !== 'print') throw new Error(`not printed: ${commandLine.kind}`);
  return commandLine.text;
}

describe('parseCommandLine', () => {
  it('takes an origin and what was said about it', () => {
    expect(parse('http://localhost:3000', '--memory', '1gb', '--default-ttl=5s', '--preserve-host')).toEqual({
      kind: 'serve',
      origin: 'http://localhost:3000',
      flags: { memory: '1gb', 'default-ttl': '5s', 'preserve-host': 'true' },
    });
  });

  it('takes no origin, as a variable may have it', () => {
    expect(parse('--memory', '1gb')).toEqual({ kind: 'serve', origin: undefined, flags: { memory: '1gb' } });
  });

  it('takes the flags of the demo before and after its name', () => {
    expect(parse('demo')).toEqual({ kind: 'demo', flags: {} });
    expect(parse('demo', '--listen', '0')).toEqual({ kind: 'demo', flags: { listen: '0' } });
    expect(parse('--listen', '0', 'demo')).toEqual({ kind: 'demo', flags: { listen: '0' } });
  });

  it('hands on every flag of the table', () => {
    const args = flags.flatMap((flag) => (flag.value === undefined ? [`--${flag.name}`] : [`--${flag.name}`, 'x']));
    const commandLine = parse(...args);
    expect(commandLine).toMatchObject({
      flags: Object.fromEntries(flags.map((flag) => [flag.name, flag.value === undefined ? 'true' : 'x'])),
    });
  });

  it('takes the networks of a flag that is said twice together', () => {
    const said = parse('http://a', '--trust-proxy', '10.0.0.0/8,::1', '--trust-proxy', '192.0.2.1', '--purge-from=::1');
    expect(said).toMatchObject({ flags: { 'trust-proxy': '10.0.0.0/8,::1,192.0.2.1', 'purge-from': '::1' } });
  });

  it.each(['listen', 'tls-cert', 'tls-key'])('refuses a second --%s, which only a file can have', (name) => {
    const twice = () => parse('http://a', `--${name}`, '8080', `--${name}`, '8081');
    expect(twice).toThrow(UsageError);
    expect(twice).toThrow(new RegExp(`^--${name}: it is there twice; leave one out, or name several in a file: `));
  });

  it('takes the last of other flags, so that what is fixed in a script can be said anew', () => {
    expect(parse('http://a', '--memory', '1gb', '--memory', '2gb')).toMatchObject({ flags: { memory: '2gb' } });
  });

  it('prints its version', () => {
    expect(printed('--version')).toBe('1.2.3\n');
  });

  it('prints help when it is asked by a word', () => {
    expect(printed('help')).toBe(printed('--help'));
    expect(printed('help', 'play')).toBe(printed('play', '--help'));
  });

  it('takes localhost for a host, which it can not be without a scheme', () => {
    expect(parse('localhost')).toMatchObject({ kind: 'serve', origin: 'localhost' });
  });

  it('prints help that has every flag, its default, and examples', () => {
    const help = printed('--help').replace(/\s+/g, ' ');
    for (const flag of flags) {
      expect(help).toContain(`--${flag.name}`);
      expect(help).toContain(flag.summary);
    }
    for (const { byDefault } of flags.filter((flag) => flag.byDefault !== '')) {
      expect(help).toContain(`(default: ${byDefault})`);
    }
    expect(help).toContain('etagere http://localhost:3000');
    expect(help).toContain('ETAGERE_DEFAULT_TTL');
  });

  it.each([
    [['--default_ttl', '1s'], "unknown option '--default_ttl'; did you mean --default-ttl?"],
    [['--stor=redis://:secret@host'], "unknown option '--stor'; did you mean --store?"],
    [['--memroy', '1gb'], "unknown option '--memroy'; did you mean --memory?"],
    [['stats', '--memry'], "unknown option '--memry'; etagere --help shows what there is"],
    [['stats', '--jsn'], "unknown option '--jsn'; did you mean --json?"],
    [['top', '--amdin', 'x'], "unknown option '--amdin'; did you mean --admin?"],
    [['explain', 'http://a', '--presett=rfc'], 'did you mean --preset?'],
    [['demo', '--memry', '1gb'], "unknown option '--memry'; did you mean --memory?"],
    [['--nothing-like-it'], "unknown option '--nothing-like-it'; etagere --help shows what there is"],
    [['--memory'], "option '--memory <size>' argument missing; etagere --help shows what there is"],
    [['http://a', 'http://b'], 'too many arguments. Expected 1 argument but got 2; etagere --help shows what there is'],
    [
      ['configure', 'http://a'],
      '"configure" is neither a command of this version nor a URL; the commands are demo, explain, play, check, purge, stats, top, tail, help',
    ],
    [['help', 'nope'], '"nope" is no command; the commands are demo, explain, play, check, purge, stats, top and tail'],
    [['example'], 'an origin with that name is http://example'],
    [['dmeo'], '"dmeo" is neither a command of this version nor a URL; did you mean demo?'],
    [['http://a', '--preserve-host=maybe'], 'it takes no value: write --preserve-host alone, or leave it out'],
    [['http://a', '-x'], "unknown option '-x'; flags are written out, like --listen"],
  ])('refuses %j with a suggestion', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
