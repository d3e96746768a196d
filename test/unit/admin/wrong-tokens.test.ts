import { describe, expect, it } from 'vitest';
import { maxWatchedPeers, maxWrongTokens, wrongTokenMs, wrongTokensAWarning } from '../../../src/admin/limits.ts';
import { WrongTokens } from '../../../src/admin/wrong-tokens.ts';

interface Play {
  readonly advance: (ms: number) => void;
  readonly tokens: WrongTokens;
  readonly warnings: string[];
}

function play(): Play {
  let now = 1_000_000;
  const clock = { steady: () => now };
  const advance = (ms: number): void => void (now += ms);
  const warnings: string[] = [];
  return { advance, warnings, tokens: new WrongTokens(clock, (text) => warnings.push(text)) };
}

function fail(tokens: WrongTokens, peer: string, times: number): void {
  for (let i = 0; i < times; i++) tokens.note(peer);
}

describe('WrongTokens', () => {
  it('holds a peer after so many, and nobody else', () => {
    const { tokens } = play();
    fail(tokens, '10.0.0.1', maxWrongTokens - 1);
    expect(tokens.isHeld('10.0.0.1')).toBe(false);
    tokens.note('10.0.0.1');
    expect(tokens.isHeld('10.0.0.1')).toBe(true);
    expect(tokens.isHeld('10.0.0.2')).toBe(false);
  });

  it('takes the addresses of an IPv6 network for one peer', () => {
    const { tokens } = play();
    for (let i = 1; i <= maxWrongTokens; i++) tokens.note(`2001:db8::${i}`);
    expect(tokens.isHeld('2001:db8::ffff')).toBe(true);
    expect(tokens.isHeld('2001:db8:0:1::1')).toBe(false);
  });

  it('gives one try back after a while, and all of them in the end', () => {
    const { tokens, advance } = play();
    fail(tokens, '10.0.0.1', maxWrongTokens);
    advance(wrongTokenMs - 1);
    expect(tokens.isHeld('10.0.0.1')).toBe(true);
    advance(1);
    expect(tokens.isHeld('10.0.0.1')).toBe(false);
    tokens.note('10.0.0.1');
    expect(tokens.isHeld('10.0.0.1')).toBe(true);
    advance(maxWrongTokens * wrongTokenMs);
    fail(tokens, '10.0.0.1', maxWrongTokens - 1);
    expect(tokens.isHeld('10.0.0.1')).toBe(false);
  });

  it('remembers a bounded number of peers: those who tried last', () => {
    const { tokens } = play();
    fail(tokens, 'first', maxWrongTokens);
    fail(tokens, 'second', maxWrongTokens);
    tokens.note('first');
    for (let i = 0; i < maxWatchedPeers - 1; i++) tokens.note(`peer-${i}`);
    expect(tokens.isHeld('first')).toBe(true);
    expect(tokens.isHeld('second')).toBe(false);
  });

  it('warns of the first, and then of one in so many', () => {
    const { tokens, warnings } = play();
    fail(tokens, '10.0.0.1', wrongTokensAWarning);
    expect(warnings).toEqual(['the admin API got a wrong token from 10.0.0.1']);
    tokens.note('10.0.0.2');
    expect(warnings.slice(1)).toEqual([
      `the admin API got ${wrongTokensAWarning + 1} wrong tokens so far, the last one from 10.0.0.2`,
    ]);
  });
});
