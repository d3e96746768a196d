import { describe, expect, it } from 'vitest';
import { flags, readOptions, readOrigin, variableOf, variableWarnings } from '../../../src/config/flags.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';

const origin = 'http://localhost:3000';

describe('readOptions', () => {
  it('says nothing where nothing was said', () => {
    expect(readOptions({}, {})).toEqual({ limits: {} });
  });

  it('reads every flag from its own default', () => {
    const defaults = flags.filter((flag) => flag.byDefault !== '').map((flag) => [flag.name, flag.byDefault]);
    const settings = resolveSettings({ ...readOptions(Object.fromEntries(defaults), {}), origin });
    const expected = resolveSettings({ origin, log: 'auto' });
    expect(settings).toEqual(expected);
  });

  it('takes a flag over its variable, and a variable over the default', () => {
    const variables = { ETAGERE_MEMORY: '1mb', ETAGERE_PRESET: 'rfc' };
    expect(readOptions({ memory: '2mb' }, variables)).toMatchObject({ memory: 2 ** 21, preset: 'rfc' });
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(readOptions({}, { ETAGERE_MEMORY: '' }).memory).toBeUndefined();
  });

  it('reads limits, switches and lists', () => {
    const said = { 'connect-timeout': '2s', 'preserve-host': 'true', 'trust-proxy': '10.0.0.0/8, ::1' };
    expect(readOptions(said, {})).toMatchObject({
      limits: { originConnectTimeoutMs: 2_000 },
      preserveHost: true,
      trustProxy: ['10.0.0.0/8', '::1'],
    });
  });

  it('names the flag or the variable that is wrong', () => {
    expect(() => readOptions({ memory: 'much' }, {})).toThrow('--memory: "much" is not a size');
    expect(() => readOptions({}, { ETAGERE_MEMORY: 'much' })).toThrow('ETAGERE_MEMORY: "much" is not a size');
    expect(() => readOptions({ 'origin-connections': '0' }, {})).toThrow('--origin-connections: 0 is too small');
    expect(() => readOptions({}, { ETAGERE_PRESERVE_HOST: '1' })).toThrow(
      'ETAGERE_PRESERVE_HOST: "1" is not one of the choices; write true or false',
    );
  });
});

describe('readOrigin', () => {
  it('takes the argument, else the variable, else nothing', () => {
    const variables = { ETAGERE_ORIGIN: 'http://other:1' };
    expect(readOrigin(origin, variables)).toBe(origin);
    expect(readOrigin(undefined, variables)).toBe('http://other:1');
    expect(readOrigin(undefined, {})).toBeUndefined();
  });

  it('names where a wrong one was given', () => {
    expect(() => readOrigin('', {})).toThrow('origin: "" is not the URL of an origin');
    expect(() => readOrigin(undefined, { ETAGERE_ORIGIN: 'x:1' })).toThrow('ETAGERE_ORIGIN: "x:1" has no scheme');
  });
});

describe('variables', () => {
  it('refuse an origin that is set to nothing: the demo was not asked for', () => {
    expect(() => readOrigin(undefined, { ETAGERE_ORIGIN: '' })).toThrow(
      'ETAGERE_ORIGIN: it is set to nothing; give it',
    );
    expect(readOrigin(origin, { ETAGERE_ORIGIN: '' })).toBe(origin);
  });

  it('that look like ours and are none are told, with what was meant', () => {
    const variables = {
      ETAGERE_MEMROY: '1gb',
      ETAGERE_SPEED: '1',
      ETAGERE_MEMORY: '1gb',
      ETAGERE_ORIGIN: origin,
      PATH: '',
    };
    expect(variableWarnings(variables)).toEqual([
      'ETAGERE_MEMROY means nothing here; did you mean ETAGERE_MEMORY?',
      'ETAGERE_SPEED means nothing here',
    ]);
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
