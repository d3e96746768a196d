import { describe, expect, it } from 'vitest';
import { durationMs, inapplicable, needsOriginAlone } from '../../../src/play/applicable.ts';
import { fixtureOf } from './fixture-text.ts';

describe('a cache elsewhere', () => {
  it.each([
    ['a fixture that takes as long as the patience', fixtureOf('at 12s\n')],
    ['one of ages that the origin gives', fixtureOf('client sends GET /a\norigin receives GET /a\n')],
    ['options that are the defaults', fixtureOf('', { head: 'options preset safe, max-variants 32\n' })],
  ])('is held against %s', (_what, fixture) => {
    expect(inapplicable(fixture, 12_000)).toBeUndefined();
  });

  it.each([
    ['takes longer than the patience', fixtureOf('at 13s\n')],
    ['needs a configuration of Etagere', fixtureOf('', { head: 'options preset rfc\n' })],
    ['needs a configuration of Etagere', fixtureOf('', { head: 'options max-variants 2\n' })],
    ['needs a clock that can be moved', fixtureOf('clock jumps 1h\n')],
    ['needs a clock that can be moved', fixtureOf('', { head: 'needs exact time\n' })],
    [
      'needs a clock that can be moved',
      fixtureOf('client sends GET /a\norigin receives GET /a\norigin times out\nclient receives 504\n'),
    ],
  ])('is not held against what %s', (reason, fixture) => {
    expect(inapplicable(fixture, 12_000)).toBe(reason);
  });
});

it('a fixture lasts until its last instant', () => {
  expect(durationMs(fixtureOf('at 2s\nat 1m\n'))).toBe(60_000);
});

it('an origin that refuses, refuses all', () => {
  expect(needsOriginAlone(fixtureOf('origin refuses\n'))).toBe(true);
  expect(needsOriginAlone(fixtureOf('origin silent\n'))).toBe(false);
});
