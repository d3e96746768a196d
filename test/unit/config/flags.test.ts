import { describe, expect, it } from 'vitest';
import { flags, readOptions, variableOf } from '../../../src/config/flags.ts';
import { resolveSettings } from '../../../src/config/options.ts';

const origin = 'http://localhost:3000';

describe('readOptions', () => {
  it('logs by default, as a command line is watched', () => {
    expect(readOptions({ origin, flags: {}, variables: {} })).toEqual({ origin, log: 'auto', limits: {} });
  });

  it('reads every flag from its own default', () => {
    const said = Object.fromEntries(
      flags.filter((flag) => flag.byDefault !== '').map((flag) => [flag.name, flag.byDefault]),
    );
    const settings = resolveSettings(readOptions({ origin, flags: said, variables: {} }));
    const { trusts, ...plain } = settings;
    const { trusts: _, ...expected } = resolveSettings({ origin, log: 'auto' });
    expect(plain).toEqual(expected);
    expect(trusts('127.0.0.1')).toBe(false);
  });

  it('takes a flag over its variable, and a variable over the default', () => {
    const variables = { ETAGERE_MEMORY: '1mb', ETAGERE_PRESET: 'rfc' };
    expect(readOptions({ origin, flags: { memory: '2mb' }, variables })).toMatchObject({
      memory: 2 ** 21,
      preset: 'rfc',
    });
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(readOptions({ origin, flags: {}, variables: { ETAGERE_MEMORY: '' } }).memory).toBeUndefined();
  });

  it('reads limits, switches and lists', () => {
    const said = { 'connect-timeout': '2s', 'preserve-host': 'true', 'trust-proxy': '10.0.0.0/8, ::1' };
    expect(readOptions({ origin, flags: said, variables: {} })).toMatchObject({
      limits: { originConnectTimeoutMs: 2_000 },
      preserveHost: true,
      trustProxy: ['10.0.0.0/8', '::1'],
    });
  });

  it('takes the origin from its variable when none is given', () => {
    expect(readOptions({ origin: undefined, flags: {}, variables: { ETAGERE_ORIGIN: origin } }).origin).toBe(origin);
    expect(() => readOptions({ origin: undefined, flags: {}, variables: {} })).toThrow(
      'no origin is given; write its URL',
    );
  });

  it('names the flag or the variable that is wrong', () => {
    expect(() => readOptions({ origin, flags: { memory: 'much' }, variables: {} })).toThrow(
      '--memory: "much" is not a size',
    );
    expect(() => readOptions({ origin, flags: {}, variables: { ETAGERE_MEMORY: 'much' } })).toThrow(
      'ETAGERE_MEMORY: "much" is not a size',
    );
    expect(() => readOptions({ origin: undefined, flags: {}, variables: { ETAGERE_ORIGIN: 'x' } })).toThrow(
      'ETAGERE_ORIGIN: the origin "x" has no scheme',
    );
  });
});

describe('flags', () => {
  it('have names of their own', () => {
    expect(new Set(flags.map((flag) => flag.name)).size).toBe(flags.length);
  });

  it('have a variable each', () => {
    expect(variableOf('default-ttl')).toBe('ETAGERE_DEFAULT_TTL');
  });
});
