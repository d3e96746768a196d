import { describe, expect, it } from 'vitest';
import { refuseNotYet } from '../../../src/config/not-yet.ts';
import type { EtagereOptions } from '../../../src/config/options.ts';
import { settingsOf } from '../../../src/config/program.ts';

const origin = 'http://localhost:3000';

describe('what can be said and not be done yet', () => {
  it.each<[string, EtagereOptions]>([['several addresses to listen on', { listen: [1, 2] }]])(
    'is refused: %s',
    (what, options) => {
      expect(() => refuseNotYet(settingsOf({ origin, ...options }))).toThrow(
        `this version can not do it yet: ${what}; leave it out`,
      );
    },
  );

  it('is nothing else', () => {
    const options: EtagereOptions = { origin, ttl: 1, routes: [{ match: { path: '/a' }, origin: 'http://a' }] };
    expect(() => refuseNotYet(settingsOf(options))).not.toThrow();
  });
});
