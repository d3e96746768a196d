import { type QuantityKind, quantityParsers } from '../config/quantities.ts';
import { UsageError } from '../config/usage-error.ts';
import { defaultLimits, type Limits } from '../engine/limits.ts';
import { type PolicyConfig, presets } from '../policy/config.ts';
import type { FixtureOptions } from './fixture.ts';

interface Setting {
  readonly quantity: QuantityKind;
  set(options: FixtureOptions, value: number): FixtureOptions;
}

function limit(key: keyof Limits, quantity: QuantityKind): Setting {
  return { quantity, set: (options, value) => ({ ...options, limits: { ...options.limits, [key]: value } }) };
}

function rule(key: keyof PolicyConfig, quantity: QuantityKind, divisor = 1): Setting {
  return { quantity, set: (options, value) => ({ ...options, policy: { ...options.policy, [key]: value / divisor } }) };
}

const msPerSecond = 1_000;

/** What a fixture may configure beside `preset`, by the name that it has there. */
const settings: ReadonlyMap<string, Setting> = new Map([
  ['default-ttl', rule('defaultTtl', 'ms', msPerSecond)],
  ['stale-if-error', rule('staleIfError', 'ms', msPerSecond)],
  ['max-nominated-fields', rule('maxNominatedFields', 'count')],
  ['memory', limit('memoryBytes', 'bytes')],
  ['max-object-share', limit('maxObjectShare', 'share')],
  ['max-variants', limit('maxVariants', 'count')],
  ['max-followers', limit('maxFollowers', 'count')],
  ['max-invalidated-keys', limit('maxInvalidatedKeys', 'count')],
  ['max-fan-out', limit('maxFanOut', 'count')],
  ['follower-timeout', limit('followerTimeoutMs', 'ms')],
]);

/** The options of a fixture that names none: those of a fresh installation. */
export const defaultOptions: FixtureOptions = { policy: presets.safe, limits: defaultLimits };

/** The settings that `withOption` knows. */
export const optionNames: readonly string[] = ['preset', 'stale-beside-s-maxage', ...settings.keys()];

/** The options with one more setting, like `preset rfc` or `memory 1mb`; undefined where it is unknown or its value is not acceptable. */
export function withOption(options: FixtureOptions, text: string): FixtureOptions | undefined {
  const [name = '', value = '', ...rest] = text.split(/\s+/);
  if (rest.length > 0) return undefined;
  if (name === 'stale-beside-s-maxage') {
    return value === 'on' ? { ...options, policy: { ...options.policy, staleBesideSMaxage: true } } : undefined;
  }
  if (name === 'preset') {
    return value === 'safe' || value === 'rfc' ? { ...options, policy: presets[value] } : undefined;
  }
  const setting = settings.get(name);
  if (setting === undefined) return undefined;
  try {
    return setting.set(options, quantityParsers[setting.quantity](value));
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
