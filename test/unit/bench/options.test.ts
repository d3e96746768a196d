import { describe, expect, it } from 'vitest';
import { benchOptions, isComplete } from '../../bench/options.ts';

const known = { workloads: ['hit', 'miss'], servers: ['etagere', 'nginx'] };

function options(...args: string[]): ReturnType<typeof benchOptions> {
  return benchOptions(args, known);
}

describe('the options of the bench', () => {
  it('are all workloads and servers in five rounds unless something else is said', () => {
    expect(options()).toMatchObject({ only: undefined, servers: undefined, rounds: 5, seconds: 4, quick: false });
    expect(options('--only', 'hit, miss', '--servers', 'nginx')).toMatchObject({
      only: ['hit', 'miss'],
      servers: ['nginx'],
    });
    expect(options('--rounds', '3', '--seconds=2')).toMatchObject({ rounds: 3, seconds: 2 });
  });

  it('take any number of variants of Etagere, whose flags begin with dashes', () => {
    expect(options('--etagere-flag=--a', '--etagere-flag=--b 1').etagereFlags).toEqual(['--a', '--b 1']);
  });

  it('are one second and one round of everything when it is to be quick', () => {
    expect(options('--quick', '--rounds', '9')).toMatchObject({ quick: true, rounds: 1, seconds: 1 });
  });

  it.each([
    [['--only', 'hits'], '--only takes hit, miss, not hits'],
    [['--servers', 'apache'], '--servers takes etagere, nginx, not apache'],
    [['--rounds', '0'], '--rounds takes a whole number from 1 on, not 0'],
    [['--seconds', '1.5'], '--seconds takes a whole number from 1 on, not 1.5'],
    [['--write', '--quick'], '--write wants figures of what is built here'],
    [['--write', '--beside', '/x'], '--write wants figures of what is built here'],
    [['--fast'], "Unknown option '--fast'"],
  ])('are refused where nothing can be meant by them: %s', (args, complaint) => {
    expect(() => options(...args)).toThrow(complaint);
  });
});

describe('a complete run', () => {
  it('leaves nothing out and adds nothing', () => {
    expect(isComplete(options())).toBe(true);
    expect(isComplete(options('--rounds', '7'))).toBe(true);
    for (const args of [['--quick'], ['--only=hit'], ['--servers=nginx'], ['--etagere-flag=--x'], ['--beside=/x']]) {
      expect(isComplete(options(...args))).toBe(false);
    }
  });
});
